//! Conversations with the step, by subject.

mod activity;
mod begin;
mod confirm;
mod contexts;
mod left_open;
mod loading;
mod login;
mod make;
mod question;
mod random;
mod repeats;
mod run;
mod table;
