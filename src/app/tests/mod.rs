//! Conversations with the step, by subject.

mod activity;
mod begin;
mod below;
mod by_value;
mod confirm;
mod contexts;
mod errand;
mod identify;
mod incident;
mod left_open;
mod lines;
mod loading;
mod login;
mod make;
mod own;
mod passphrase;
mod planned;
mod question;
mod random;
mod refreshing;
mod repeats;
mod run;
mod table;
mod unlisted;
