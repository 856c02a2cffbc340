//! `soapstone hash-password`: the hash that `password=` wants.

use std::io::BufRead;

use super::output::Output;
use super::{FAILED, FINE};
use crate::auth::hash_password;

/// Reads one line from standard input and prints its hash.
pub fn hash(out: &mut Output) -> u8 {
    if std::io::IsTerminal::is_terminal(&std::io::stdin()) {
        out.tell("password (it shows as you type; end with Enter): ");
    }
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    let password = line.trim_end_matches(['\r', '\n']);
    if read.is_err() || password.is_empty() {
        out.tell("give the password on standard input: printf %s 'the password' | soapstone hash-password\n");
        return FAILED;
    }
    match hash_password(password) {
        Ok(hash) => {
            out.say(&format!("{hash}\n"));
            FINE
        }
        Err(error) => {
            out.tell(&format!("the password cannot be hashed: {error}\n"));
            FAILED
        }
    }
}
