//! The terminal itself: entered once, left in every way a program can end.

use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::terminal::{Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use crossterm::{cursor, execute};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use std::io::{self, IsTerminal as _, Stdout, Write as _};
use std::mem::ManuallyDrop;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

/// A thread panicked, and the terminal was given back for its report.
static PANICKED: AtomicBool = AtomicBool::new(false);

/// The terminal is ours at this moment.
static HELD: AtomicBool = AtomicBool::new(false);

/// Whether any thread panicked since the terminal was taken.
pub fn panicked() -> bool {
    PANICKED.load(Ordering::SeqCst)
}

/// A terminal drawn on; dropping it leaves it as it was found.
pub struct Held {
    /// Draws. Never dropped: it would say on stderr that its cursor cannot be shown, and fall over where that is gone as well.
    pub terminal: ManuallyDrop<Terminal<CrosstermBackend<Stdout>>>,
}

impl Held {
    /// Takes the terminal: raw, alternate screen, mouse, bracketed paste. From now on a panic leaves it first.
    pub fn take() -> io::Result<Self> {
        static HOOK: Once = Once::new();
        HOOK.call_once(|| {
            let before = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |info| {
                PANICKED.store(true, Ordering::SeqCst);
                leave();
                before(info);
            }));
        });
        // crossterm answers NO_COLOR with full resets, which would wipe bold and reverse: the theme alone decides colours.
        crossterm::style::force_color_output(true);
        enter()?;
        Ok(Self { terminal: drawn_on()? })
    }

    /// Takes the terminal again after a stop, and forgets what was drawn.
    pub fn again(&mut self) -> io::Result<()> {
        enter()?;
        // `Terminal::clear` would ask where the cursor is and wait for an answer; a new one is as forgetful.
        self.terminal = drawn_on()?;
        Ok(())
    }
}

fn drawn_on() -> io::Result<ManuallyDrop<Terminal<CrosstermBackend<Stdout>>>> {
    Terminal::new(CrosstermBackend::new(io::stdout())).map(ManuallyDrop::new).inspect_err(|_| leave())
}

/// Whether the terminal is gone: its line was hung up. Who reads its keys may never hear of that.
pub fn is_gone() -> bool {
    !io::stdin().is_terminal()
}

impl Drop for Held {
    fn drop(&mut self) {
        leave();
    }
}

fn enter() -> io::Result<()> {
    HELD.store(true, Ordering::SeqCst);
    enable_raw_mode().inspect_err(|_| leave())?;
    // A terminal without an alternate screen still shows what was there, and the first picture only draws what is not blank.
    execute!(io::stdout(), EnterAlternateScreen, Clear(ClearType::All), EnableMouseCapture, EnableBracketedPaste, cursor::Hide)
        .inspect_err(|_| leave())
}

/// Leaves the terminal as it was found, once: leaving the alternate screen a second time would put the cursor back over
/// what was printed since. Best effort: it may be gone.
pub fn leave() {
    if !HELD.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    let _ = execute!(out, DisableBracketedPaste, DisableMouseCapture, LeaveAlternateScreen, cursor::Show);
    let _ = out.flush();
    let _ = disable_raw_mode();
}
