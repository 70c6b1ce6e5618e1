//! Where inputs begin: what earlier runs kept, old findings, and the packets and payloads of the
//! generated captures.

use std::path::{Path, PathBuf};

/// The longest input. Long enough for a datagram with its headers.
pub const LONGEST: usize = 1 << 16;

/// Inputs kept per target on disk; beyond it a run goes on with its own in memory.
const KEPT_MOST: usize = 4096;

/// The folders of a run.
#[derive(Clone, Debug)]
pub struct Places {
    /// What runs keep, one folder a target.
    pub kept: PathBuf,
    /// What broke a target, one folder a target; committed.
    pub findings: PathBuf,
}

impl Places {
    /// Inputs of a target by earlier runs and findings, in a fixed order.
    pub fn load(&self, target: &str) -> Vec<Vec<u8>> {
        let mut out = read_folder(&self.findings.join(target));
        out.extend(read_folder(&self.kept.join(target)));
        out
    }

    /// Keeps an input that went where none went before.
    pub fn keep(&self, target: &str, input: &[u8]) -> std::io::Result<()> {
        let folder = self.kept.join(target);
        std::fs::create_dir_all(&folder)?;
        if std::fs::read_dir(&folder)?.count() < KEPT_MOST {
            std::fs::write(folder.join(name(input)), input)?;
        }
        Ok(())
    }

    /// Keeps an input that broke a target.
    pub fn keep_finding(&self, target: &str, input: &[u8]) -> std::io::Result<PathBuf> {
        let folder = self.findings.join(target);
        std::fs::create_dir_all(&folder)?;
        let path = folder.join(name(input));
        std::fs::write(&path, input)?;
        Ok(path)
    }
}

/// The files of a folder, by name; none where there is no folder.
pub fn read_folder(folder: &Path) -> Vec<Vec<u8>> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<_> =
        entries.flatten().map(|e| e.path()).filter(|p| p.is_file() && !is_hidden(p)).collect();
    paths.sort();
    paths.iter().filter_map(|p| std::fs::read(p).ok()).collect()
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().and_then(|n| n.to_str()).is_some_and(|n| n.starts_with('.'))
}

/// What a target begins with: the packets of the generated captures for rooms that read packets,
/// whole files for the one that reads files, else what the packets carry, and each direction of a
/// connection in one piece.
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    let room = target.split('/').next().unwrap_or_default();
    for sample in samples::variants(1) {
        match room {
            "capture" if target.ends_with("/filter") => {
                let frame = sample.tape.iter().map(|(_, f)| f).next().unwrap_or_default();
                out.extend(
                    capture::fuzz::FILTERS.iter().map(|f| [f.as_bytes(), &[0], frame].concat()),
                );
            }
            "capture" => {
                let mut file = Vec::new();
                if sample.tape.write_pcap(&mut file).is_ok() {
                    out.push(file);
                }
                out.extend(pcapng(&sample.tape));
            }
            "engine" => out.push(as_packets(&sample.tape)),
            "wire" | "flow" => out.extend(sample.tape.iter().map(|(_, f)| f.to_vec())),
            "protocols" if target.ends_with("_stream") || target.ends_with("_datagrams") => {
                out.extend(scripts(&sample.tape));
            }
            _ => out.extend(payloads(&sample.tape)),
        }
    }
    out.retain(|i| i.len() <= LONGEST);
    out.sort();
    out.dedup();
    out
}

/// The tape as a pcapng file; nothing where a packet can't be written.
fn pcapng(tape: &samples::Tape) -> Option<Vec<u8>> {
    let mut writer = capture::PcapngWriter::new(Vec::new(), "watchpost").ok()?;
    let link = wire::LinkType::ETHERNET;
    let iface = writer.interface(link, "eth0").ok()?;
    for (nanos, data) in tape.iter() {
        let (ts, wire_len) = (base::Ts(nanos), data.len() as u32);
        let packet = capture::PacketRef { ts, link, wire_len, data, iface, number: 0 };
        writer.write(&packet).ok()?;
    }
    writer.finish().ok().map(|(file, _)| file)
}

/// A capture as `engine`'s target takes it.
fn as_packets(tape: &samples::Tape) -> Vec<u8> {
    let mut out = vec![0];
    let mut last = None;
    for (nanos, frame) in tape.iter() {
        if out.len() + frame.len() + 3 > LONGEST {
            break;
        }
        let millis = (nanos - last.replace(nanos).unwrap_or(nanos)) / 1_000_000;
        out.extend_from_slice(&(frame.len() as u16).to_be_bytes());
        out.push(match millis {
            0..=127 => millis as u8,
            _ => (millis / 8).clamp(128, 255) as u8,
        });
        out.extend_from_slice(frame);
    }
    out
}

/// Conversations as `protocols`' targets of streams and datagrams take them: a byte that says who
/// speaks (0x80 the responder) and how many bytes follow, at most 125.
fn scripts(tape: &samples::Tape) -> Vec<Vec<u8>> {
    let mut open: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    for (_, frame) in tape.iter() {
        let header = match (frame.get(12..15), frame.get(23)) {
            (Some([8, 0, 0x45]), Some(17)) => 8,
            (Some([8, 0, 0x45]), Some(6)) => {
                usize::from(frame.get(46).copied().unwrap_or(0x50) >> 4) * 4
            }
            _ => continue,
        };
        let (Some(source), Some(target), Some(ports), Some(bytes)) =
            (frame.get(26..30), frame.get(30..34), frame.get(34..38), frame.get(34 + header..))
        else {
            continue;
        };
        let key = [source, target, ports].concat();
        let back = [target, source, &ports[2..], &ports[..2]].concat();
        let at = open.iter().position(|(k, _)| *k == key || *k == back).unwrap_or_else(|| {
            open.push((key.clone(), Vec::new()));
            open.len() - 1
        });
        let Some((opened, script)) = open.get_mut(at) else { continue };
        let side = if *opened == key { 0 } else { 0x80 };
        for piece in bytes.chunks(125) {
            script.push(side | piece.len() as u8);
            script.extend_from_slice(piece);
        }
    }
    let scripts = open.into_iter().map(|(_, mut s)| {
        s.truncate(LONGEST);
        s
    });
    scripts.filter(|s| !s.is_empty()).collect()
}

/// UDP payloads as they are; TCP payloads of a direction one after the other.
fn payloads(tape: &samples::Tape) -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    let mut streams: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    for (_, frame) in tape.iter() {
        // Plain Ethernet and IPv4 without options, as the generator writes nearly all.
        match (frame.get(12..15), frame.get(23)) {
            (Some([8, 0, 0x45]), Some(17)) => out.extend(frame.get(42..).map(<[u8]>::to_vec)),
            (Some([8, 0, 0x45]), Some(6)) => {
                let header = usize::from(frame.get(46).copied().unwrap_or(0x50) >> 4) * 4;
                let (Some(key), Some(bytes)) = (frame.get(26..38), frame.get(34 + header..)) else {
                    continue;
                };
                match streams.iter_mut().find(|(k, _)| k == key) {
                    Some((_, stream)) => stream.extend_from_slice(bytes),
                    None => streams.push((key.to_vec(), bytes.to_vec())),
                }
            }
            _ => {}
        }
    }
    out.extend(streams.into_iter().map(|(_, mut s)| {
        s.truncate(LONGEST);
        s
    }));
    out.retain(|p| !p.is_empty());
    out
}

/// A file name for an input: FNV-1a of its bytes.
fn name(input: &[u8]) -> String {
    let hash = input
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}
