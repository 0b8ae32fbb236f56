//! The terminal itself: entered once, left in every way a program can end.

use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::terminal::{Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use crossterm::{cursor, execute};
use ratatui::backend::CrosstermBackend;
use ratatui::{Frame, Terminal};
use std::cell::Cell;
use std::io::{self, IsTerminal as _, Stdout, Write as _};
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once, PoisonError};

/// A thread panicked, and the terminal was given back for its report.
static PANICKED: AtomicBool = AtomicBool::new(false);

/// The terminal is ours at this moment.
static HELD: AtomicBool = AtomicBool::new(false);

/// One draws or leaves at a time: a picture that came when the terminal was given back already would lie over the report, without a cursor.
static BRUSH: Mutex<()> = Mutex::new(());

thread_local! {
    /// This thread has the brush: where it panics with it, it must not wait for itself.
    static DRAWS: Cell<bool> = const { Cell::new(false) };
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

    /// Draws a picture; false where a thread panicked, and nothing may be drawn any more.
    pub fn draw(&mut self, picture: impl FnOnce(&mut Frame<'_>)) -> io::Result<bool> {
        let _brush = BRUSH.lock().unwrap_or_else(PoisonError::into_inner);
        if PANICKED.load(Ordering::SeqCst) {
            return Ok(false);
        }
        DRAWS.set(true);
        let drawn = self.terminal.draw(picture);
        DRAWS.set(false);
        drawn.map(|_| true)
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
    let _brush = (!DRAWS.get()).then(|| BRUSH.lock().unwrap_or_else(PoisonError::into_inner));
    if !HELD.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    let _ = execute!(out, DisableBracketedPaste, DisableMouseCapture, LeaveAlternateScreen, cursor::Show);
    let _ = out.flush();
    let _ = disable_raw_mode();
}
