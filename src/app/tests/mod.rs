//! Conversations with the step, by subject.

mod begin;
mod confirm;
mod loading;
mod login;
mod make;
mod question;
mod random;
mod run;
mod table;
