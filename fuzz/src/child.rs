//! One target, tried until its time is up.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use samples::Random;
use watchpost_fuzz::Target;
use watchpost_fuzz::corpus::{LONGEST, Places, seeds};
use watchpost_fuzz::coverage::Coverage;
use watchpost_fuzz::mutate::mutate;

use crate::Options;

/// An input that takes longer hangs. Generous, since the machine may be busy.
const HANG: Duration = Duration::from_secs(20);
/// An input that takes longer, twice, is too slow.
const SLOW: Duration = Duration::from_secs(3);
/// Inputs between two looks at the coverage counters.
const BATCH: usize = 32;
/// Inputs held in memory.
const HELD_MOST: usize = 20_000;
/// Tries to make a finding smaller.
const SHRINK_TRIES: usize = 3000;

/// Where the panic that was caught last happened, and what it said.
static LAST_PANIC: Mutex<(String, String)> = Mutex::new((String::new(), String::new()));

/// The file that holds the input being tried: its length in 8 bytes, then the bytes.
fn current_path(places: &Places, target: &str) -> PathBuf {
    places.kept.join(target).join(".current")
}

/// The input that was being tried when the process ended.
pub(crate) fn last_tried(places: &Places, target: &str) -> Option<Vec<u8>> {
    let bytes = std::fs::read(current_path(places, target)).ok()?;
    let len = u64::from_le_bytes(bytes.first_chunk::<8>().copied()?);
    bytes.get(8..8 + usize::try_from(len).ok()?).map(<[u8]>::to_vec)
}

struct Trial {
    target: Target,
    current: File,
    beat: Arc<AtomicU64>,
}

impl Trial {
    /// Tries an input: whether it held, and how long it took.
    fn run(&self, input: &[u8]) -> Result<(bool, Duration), String> {
        self.current
            .write_all_at(&(input.len() as u64).to_le_bytes(), 0)
            .map_err(|e| e.to_string())?;
        self.current.write_all_at(input, 8).map_err(|e| e.to_string())?;
        self.beat.fetch_add(1, Ordering::Relaxed);
        let start = Instant::now();
        let held = catch_unwind(AssertUnwindSafe(|| (self.target)(input))).is_ok();
        Ok((held, start.elapsed()))
    }

    /// Takes away what the same panic doesn't need.
    fn shrink(&self, input: &[u8], place: &str, random: &mut Random) -> Result<Vec<u8>, String> {
        let mut best = input.to_vec();
        for _ in 0..SHRINK_TRIES {
            if best.is_empty() {
                break;
            }
            let mut smaller = best.clone();
            let from = random.below(smaller.len());
            let most = 1 + random.below((smaller.len() / 2).max(1));
            let end = (from + most).min(smaller.len());
            smaller.drain(from..end);
            let (held, _) = self.run(&smaller)?;
            if !held && LAST_PANIC.lock().is_ok_and(|p| p.0 == place) {
                best = smaller;
            }
        }
        Ok(best)
    }
}

/// Tries one target; answers how many findings there were.
pub(crate) fn run(options: &Options) -> Result<usize, String> {
    let name = options.target.as_deref().ok_or("a child needs --target")?;
    let target = watchpost_fuzz::find(name).ok_or_else(|| format!("no target {name}"))?;
    let path = current_path(&options.places, name);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    let current = File::create(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let trial = Trial { target, current, beat: Arc::default() };
    watch_for_hangs(Arc::clone(&trial.beat), name.to_owned());
    std::panic::set_hook(Box::new(|info| {
        if let Ok(mut last) = LAST_PANIC.lock() {
            last.0 = info.location().map(ToString::to_string).unwrap_or_default();
            info.payload_as_str().unwrap_or("").clone_into(&mut last.1);
        }
    }));

    let mut random = Random::new(options.seed);
    let mut inputs = options.places.load(name);
    inputs.extend(seeds(name));
    if inputs.is_empty() {
        inputs.push(vec![0; 64]);
    }
    let mut coverage = Coverage::default();
    let mut places_found: Vec<String> = Vec::new();
    let until = Instant::now() + Duration::from_secs_f64(options.seconds);
    let start = Instant::now();
    let mut tried = 0u64;
    let mut seeded = 0;
    loop {
        let mut batch = Vec::with_capacity(BATCH);
        while batch.len() < BATCH {
            // First what there is, unchanged; then changes of it.
            if let Some(input) = inputs.get(seeded) {
                batch.push(input.clone());
                seeded += 1;
                continue;
            }
            let mut data = random.of(&inputs).clone();
            let other = random.of(&inputs);
            mutate(&mut data, other, LONGEST, &mut random);
            batch.push(data);
        }
        for input in &batch {
            let (held, took) = trial.run(input)?;
            tried += 1;
            if !held {
                let (place, word) = LAST_PANIC.lock().map(|p| p.clone()).unwrap_or_default();
                if !places_found.contains(&place) {
                    let small = trial.shrink(input, &place, &mut random)?;
                    let kept =
                        options.places.keep_finding(name, &small).map_err(|e| e.to_string())?;
                    println!(
                        "{name}: FOUND: panic at {place}: {word}; input kept in {}",
                        kept.display()
                    );
                    places_found.push(place);
                }
            } else if took > SLOW
                && trial.run(input)?.1 > SLOW
                && !places_found.iter().any(|p| p == "slow")
            {
                let kept = options.places.keep_finding(name, input).map_err(|e| e.to_string())?;
                println!(
                    "{name}: FOUND: {took:?} for {} bytes; input kept in {}",
                    input.len(),
                    kept.display()
                );
                places_found.push("slow".into());
            }
        }
        let mut fresh = coverage.fresh();
        for input in batch {
            if fresh.is_empty() {
                break;
            }
            trial.run(&input)?;
            if coverage.hit(&mut fresh) {
                if tried > seeded as u64 {
                    options.places.keep(name, &input).map_err(|e| e.to_string())?;
                }
                if inputs.len() < HELD_MOST && tried > seeded as u64 {
                    inputs.push(input);
                    seeded += 1;
                }
            }
        }
        if Instant::now() >= until {
            break;
        }
    }
    let (reached, all) = coverage.reached();
    let guided =
        if coverage.works() { format!(", {reached} of {all} regions") } else { String::new() };
    println!(
        "{name}: {tried} inputs, {:.0} a second, corpus {}{guided}",
        tried as f64 / start.elapsed().as_secs_f64(),
        inputs.len()
    );
    Ok(places_found.len())
}

/// Ends the process when an input takes too long; the parent finds it in the file.
fn watch_for_hangs(beat: Arc<AtomicU64>, name: String) {
    std::thread::spawn(move || {
        let mut last = (0, Instant::now());
        loop {
            std::thread::sleep(Duration::from_millis(500));
            let now = beat.load(Ordering::Relaxed);
            if now != last.0 {
                last = (now, Instant::now());
            } else if last.1.elapsed() > HANG {
                eprintln!("{name}: an input takes more than {HANG:?}");
                std::process::abort();
            }
        }
    });
}
