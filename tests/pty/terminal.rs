//! A program in a pseudo-terminal with a screen model.

use portable_pty::{Child, ChildKiller, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::fmt;
use std::io::{Read as _, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};
use vt100::{Cell, MouseProtocolMode};

fn some(cells: u16) -> NonZeroU16 {
    NonZeroU16::new(cells).expect("at least one")
}

const PATIENCE: Duration = Duration::from_secs(30);

/// A running program.
pub struct Pty {
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    bytes: Vec<u8>,
    tty: String,
    leash: Leash,
}

/// Ends the program of a test that fell over.
struct Leash(Option<Box<dyn ChildKiller + Send + Sync>>);

impl Drop for Leash {
    fn drop(&mut self) {
        if let Some(killer) = &mut self.0 {
            let _ = killer.kill();
        }
    }
}

/// How a program left its terminal.
pub struct Ended {
    /// Exit code; `None` when a signal killed it.
    pub code: Option<u32>,
    pub alternate_screen: bool,
    pub mouse: bool,
    pub bracketed_paste: bool,
    pub cursor_hidden: bool,
    /// Echo and line editing are on again.
    pub cooked: bool,
    /// Every byte it wrote.
    pub bytes: Vec<u8>,
    /// What was last seen.
    pub screen: String,
}

impl fmt::Debug for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, alternate_screen, mouse, bracketed_paste, cursor_hidden, cooked, screen, .. } = self;
        write!(
            f,
            "code {code:?}, alternate {alternate_screen}, mouse {mouse}, paste {bracketed_paste}, hidden {cursor_hidden}, cooked {cooked}\n{screen}"
        )
    }
}

impl Pty {
    /// Starts a program in a terminal of (columns, rows).
    pub fn start(program: &str, arguments: &[&str], dir: &Path, size: (u16, u16), environment: &[(&str, &str)]) -> Self {
        let pair = native_pty_system().openpty(PtySize { rows: size.1, cols: size.0, pixel_width: 0, pixel_height: 0 }).expect("a pseudo-terminal");
        let tty = pair.master.tty_name().expect("its name").to_string_lossy().into_owned();
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.cwd(dir);
        for name in ["NO_COLOR", "DUALRUN_OPERATOR", "COLORTERM"] {
            command.env_remove(name);
        }
        // A backtrace would scroll the report of a panic off the screen.
        command.env("RUST_BACKTRACE", "0");
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        for (name, value) in environment {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).expect("the program");
        // The slave side stays open in `self.tty`'s device only: keeping ours would hide the program's end.
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = vec![0u8; 65536];
            while let Ok(n @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..n].to_vec()).is_err() {
                    return;
                }
            }
        });
        let writer = pair.master.take_writer().expect("a writer");
        let leash = Leash(Some(child.clone_killer()));
        Self { master: pair.master, writer, child, leash, output, screen: vt100::Parser::new(some(size.1), some(size.0), 0), bytes: Vec::new(), tty }
    }

    /// What is on the screen.
    pub fn screen(&self) -> String {
        self.screen.screen().contents()
    }

    /// Waits until a text is on the screen.
    pub fn expect(&mut self, text: &str) {
        self.until(&format!("{text:?} to appear"), |screen| screen.contains(text));
    }

    /// Waits until a text is gone.
    pub fn absent(&mut self, text: &str) {
        self.until(&format!("{text:?} to go"), |screen| !screen.contains(text));
    }

    fn until(&mut self, what: &str, holds: impl Fn(&str) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds(&self.screen()) {
            match self.output.recv_timeout(Duration::from_millis(100)) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => panic!("it ended while waiting for {what}:\n{}", self.screen()),
            }
            assert!(Instant::now() < deadline, "waited in vain for {what}:\n{}", self.screen());
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.screen.process(bytes);
    }

    /// Types, and takes what comes until nothing comes for a moment.
    pub fn keys(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).expect("it reads its keys");
        self.writer.flush().expect("it reads its keys");
        // A lone ESC followed too soon by a key is read as Alt with that key: wait for what it does.
        if keys.ends_with('\x1b')
            && let Ok(bytes) = self.output.recv_timeout(Duration::from_secs(2))
        {
            self.take(&bytes);
        }
        self.settle();
    }

    /// Changes the size.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.master.resize(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }).expect("resized");
        self.screen.screen_mut().set_size(some(rows), some(columns));
        self.settle();
    }

    fn settle(&mut self) {
        while let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(120)) {
            self.take(&bytes);
        }
    }

    /// Changes the size again and again without waiting for what comes of it.
    pub fn storm(&mut self, sizes: &[(u16, u16)]) {
        for (columns, rows) in sizes {
            self.master.resize(PtySize { rows: *rows, cols: *columns, pixel_width: 0, pixel_height: 0 }).expect("resized");
        }
        let (columns, rows) = *sizes.last().expect("a size");
        self.screen.screen_mut().set_size(some(rows), some(columns));
        self.settle();
    }

    /// Whether the terminal is as a shell expects it: no alternate screen, no mouse, the cursor shown. (Shells have pasted text bracketed
    /// themselves.)
    pub fn is_given_back(&self) -> bool {
        let screen = self.screen.screen();
        let taken = screen.alternate_screen() || screen.hide_cursor();
        !taken && screen.mouse_protocol_mode() == MouseProtocolMode::None
    }

    /// Hangs up: the terminal is gone. Says whether the program ended by itself.
    pub fn hang_up(self) -> bool {
        let Self { master, writer, mut child, output, mut leash, .. } = self;
        // Who reads its output holds the line as well, until something comes that nobody takes any more.
        drop(output);
        for columns in [99, 98, 97] {
            master.resize(PtySize { rows: 30, cols: columns, pixel_width: 0, pixel_height: 0 }).expect("resized");
            std::thread::sleep(Duration::from_millis(300));
        }
        drop((master, writer));
        let deadline = Instant::now() + PATIENCE;
        loop {
            std::thread::sleep(Duration::from_millis(50));
            if let Some(status) = child.try_wait().expect("its status") {
                leash.0 = None;
                return status.signal().is_none();
            }
            assert!(Instant::now() < deadline, "it goes on without a terminal");
        }
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.process_id().expect("its id")
    }

    /// Sends a signal by its name.
    pub fn signal(&mut self, name: &str) {
        let pid = self.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &pid]).status().expect("kill").success());
    }

    /// Lines of the screen that hold a cell like that.
    pub fn lines_with(&self, wanted: impl Fn(&Cell) -> bool) -> Vec<String> {
        let screen = self.screen.screen();
        let (rows, columns) = screen.size();
        let (rows, columns) = (rows.get(), columns.get());
        let holds = |row| (0..columns).any(|column| screen.cell(row, column).is_some_and(&wanted));
        (0..rows).filter(|row| holds(*row)).map(|row| screen.contents_between(row, 0, row, columns)).collect()
    }

    /// Whether any cell is like that.
    pub fn any_cell(&self, wanted: impl Fn(&Cell) -> bool) -> bool {
        !self.lines_with(wanted).is_empty()
    }

    /// Waits for its end and tells how it left the terminal.
    pub fn end(mut self) -> Ended {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(50)) {
                self.take(&bytes);
            }
            if let Some(status) = self.child.try_wait().expect("its status") {
                self.leash.0 = None;
                break status;
            }
            assert!(Instant::now() < deadline, "it does not end:\n{}", self.screen());
        };
        let cooked = Command::new("stty").args(["-F", &self.tty, "-a"]).output().expect("stty");
        let cooked = String::from_utf8_lossy(&cooked.stdout).into_owned();
        self.settle();
        let screen = self.screen.screen();
        Ended {
            code: status.signal().is_none().then(|| status.exit_code()),
            alternate_screen: screen.alternate_screen(),
            mouse: screen.mouse_protocol_mode() != MouseProtocolMode::None,
            bracketed_paste: screen.bracketed_paste(),
            cursor_hidden: screen.hide_cursor(),
            cooked: cooked.contains(" icanon") && cooked.contains(" echo "),
            screen: screen.contents(),
            bytes: self.bytes,
        }
    }
}
