//! What an examiner reads at the end: span, volumes, talkers, services, names, files, anomalies,
//! alerts by weight, and where the logs are.

use std::fmt::Write as _;

use base::Ts;
use engine::{Outputs, Report};
use model::{Alert, Severity};

use crate::terminal::Paint;

/// Rows of each list.
const ROWS: usize = 8;

pub(crate) fn text(r: &Report, outputs: &Outputs, paint: Paint) -> String {
    let mut o = String::new();
    let t = &r.tally;
    // Writing to a String cannot fail.
    let _ = writeln!(o, "{}", paint.bold("The input"));
    if let (Some(first), Some(last)) = (t.first, t.last) {
        let span = last.since(first);
        let _ = writeln!(
            o,
            "  {} to {} UTC ({})",
            stamp(first),
            stamp(last),
            duration(span.as_secs_f64())
        );
    }
    let flows: u64 = t.flows.top(256).iter().map(|f| f.1[0]).sum();
    let _ = writeln!(
        o,
        "  {} packets, {}, {} flows in {:.1} s",
        grouped(t.packets),
        bytes(t.bytes),
        grouped(flows),
        r.elapsed.as_secs_f64()
    );
    for (n, what) in [
        (t.filtered, "left out by the filter"),
        (t.not_ip, "carried no IP"),
        (
            t.offload,
            "had wrong checksums that their sender's card was to fill in (analysed all the same)",
        ),
        (
            t.bad_checksum,
            "had wrong checksums and were not analysed (--checksums ignore analyses them)",
        ),
    ] {
        if n > 0 {
            let _ = writeln!(o, "  {} packets {what}", grouped(n));
        }
    }
    alerts(&mut o, &r.alerts, paint);
    list(
        &mut o,
        paint,
        "Talkers",
        &["bytes", "sent", "flows"],
        t.hosts
            .top(ROWS)
            .into_iter()
            .map(|(k, v)| (k.to_string(), vec![bytes(v[0]), bytes(v[1]), grouped(v[2])])),
        (t.hosts.len(), t.hosts.is_pruned()),
    );
    list(
        &mut o,
        paint,
        "Services",
        &["flows", "bytes"],
        t.services
            .top(ROWS)
            .into_iter()
            .map(|(k, v)| (k.to_owned(), vec![grouped(v[0]), bytes(v[1])])),
        (t.services.len(), t.services.is_pruned()),
    );
    for (title, table) in
        [("Names asked for", &t.names), ("Web hosts", &t.web), ("TLS servers", &t.tls)]
    {
        list(
            &mut o,
            paint,
            title,
            &["times"],
            table.top(ROWS).into_iter().map(|(k, v)| (printable(&k), vec![grouped(v[0])])),
            (table.len(), table.is_pruned()),
        );
    }
    list(
        &mut o,
        paint,
        "Files by content",
        &["count", "bytes"],
        t.files
            .top(ROWS)
            .into_iter()
            .map(|(k, v)| (printable(&k), vec![grouped(v[0]), bytes(v[1])])),
        (t.files.len(), t.files.is_pruned()),
    );
    list(
        &mut o,
        paint,
        "Anomalies",
        &["times"],
        r.anomalies.iter().take(ROWS).map(|(k, n)| ((*k).to_owned(), vec![grouped(*n)])),
        (r.anomalies.len(), false),
    );
    logs(&mut o, outputs, paint, t);
    o
}

fn alerts(o: &mut String, alerts: &[Alert], paint: Paint) {
    let _ = writeln!(o, "\n{}", paint.bold("Alerts"));
    if alerts.is_empty() {
        let _ = writeln!(o, "  none");
        return;
    }
    for a in alerts.iter().take(20) {
        let weight = format!("{:<6}", a.severity.name());
        let weight = match a.severity {
            Severity::High => paint.red(&weight),
            Severity::Medium => paint.yellow(&weight),
            _ => paint.dim(&weight),
        };
        let _ = writeln!(
            o,
            "  {weight} {}  {}",
            a.title,
            paint.dim(&format!("[{} {}]", a.technique, a.tactic))
        );
        let evidence: Vec<String> =
            a.evidence.iter().map(|e| format!("{}: {}", e.what, e.value)).collect();
        let _ = writeln!(o, "           {}", evidence.join(", "));
        let _ = writeln!(o, "           why: {}", a.why_now);
        let uids: Vec<String> = a.uids.iter().map(ToString::to_string).collect();
        let _ = writeln!(o, "           next: {}", a.next);
        let _ = writeln!(
            o,
            "           {}",
            paint.dim(&format!("{} of {} flows: {}", uids.len(), a.flows_total, uids.join(" ")))
        );
    }
    if alerts.len() > 20 {
        let _ = writeln!(o, "  and {} more (in the logs)", alerts.len() - 20);
    }
}

fn list(
    o: &mut String,
    paint: Paint,
    title: &str,
    columns: &[&str],
    rows: impl Iterator<Item = (String, Vec<String>)>,
    (of, pruned): (usize, bool),
) {
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return;
    }
    let width = rows.iter().map(|r| r.0.chars().count()).max().unwrap_or(0).clamp(title.len(), 56);
    let mut head = format!("{title:<width$}");
    for c in columns {
        let _ = write!(head, " {c:>12}");
    }
    let _ = writeln!(o, "\n{}", paint.bold(&head));
    let more = of.saturating_sub(rows.len());
    for (name, values) in rows {
        let name: String = name.chars().take(width).collect();
        let _ = write!(o, "{name:<width$}");
        for v in values {
            let _ = write!(o, " {v:>12}");
        }
        o.push('\n');
    }
    if more > 0 {
        let least = if pruned { "at least " } else { "" };
        let _ = writeln!(o, "{}", paint.dim(&format!("and {least}{} more", grouped(more as u64))));
    }
}

fn logs(o: &mut String, outputs: &Outputs, paint: Paint, t: &engine::tally::Tally) {
    let _ = writeln!(o, "\n{}", paint.bold("Logs"));
    if outputs.is_empty() {
        let _ = writeln!(o, "  none were written; -o DIR writes EVE JSON and Zeek logs");
        return;
    }
    if let Some(p) = &outputs.eve {
        let _ = writeln!(o, "  {}  EVE JSON", p.display());
    }
    for (p, what) in [(&outputs.zeek_tsv, "tab-separated"), (&outputs.zeek_json, "JSON")] {
        if let Some(p) = p {
            let rows: Vec<String> =
                t.rows.top(40).into_iter().map(|(k, v)| format!("{k} {}", grouped(v[0]))).collect();
            let _ = writeln!(o, "  {}/  Zeek logs, {what}: {}", p.display(), rows.join(", "));
        }
    }
}

pub(crate) fn json(r: &Report, outputs: &Outputs) -> String {
    let mut o = Vec::new();
    let t = &r.tally;
    let time = |ts: Option<Ts>| {
        let mut b = Vec::new();
        ts.unwrap_or_default().write_epoch(&mut b);
        String::from_utf8(b).unwrap_or_default()
    };
    let mut s = String::new();
    let _ = write!(
        s,
        "{{\"first\":{},\"last\":{},\"packets\":{},\"bytes\":{},\"filtered\":{},\"not_ip\":{},\"bad_checksum\":{},\"offload\":{}",
        time(t.first),
        time(t.last),
        t.packets,
        t.bytes,
        t.filtered,
        t.not_ip,
        t.bad_checksum,
        t.offload
    );
    o.extend_from_slice(s.as_bytes());
    let pairs = |o: &mut Vec<u8>, key: &str, rows: Vec<(Vec<u8>, u64)>| {
        o.extend_from_slice(format!(",\"{key}\":{{").as_bytes());
        for (i, (k, n)) in rows.into_iter().enumerate() {
            if i > 0 {
                o.push(b',');
            }
            model::write::json_string(o, &k);
            o.extend_from_slice(format!(":{n}").as_bytes());
        }
        o.push(b'}');
    };
    let text = |s: &str| s.as_bytes().to_vec();
    pairs(
        &mut o,
        "hosts",
        t.hosts.top(100).into_iter().map(|(k, v)| (text(&k.to_string()), v[0])).collect(),
    );
    pairs(
        &mut o,
        "services",
        t.services.top(100).into_iter().map(|(k, v)| (text(k), v[0])).collect(),
    );
    for (key, table) in [("names", &t.names), ("web", &t.web), ("tls", &t.tls), ("files", &t.files)]
    {
        pairs(&mut o, key, table.top(100).into_iter().map(|(k, v)| (k.to_vec(), v[0])).collect());
    }
    pairs(&mut o, "rows", t.rows.top(100).into_iter().map(|(k, v)| (text(k), v[0])).collect());
    pairs(&mut o, "anomalies", r.anomalies.iter().map(|(k, n)| (text(k), *n)).collect());
    o.extend_from_slice(b",\"alerts\":[");
    for (i, a) in r.alerts.iter().enumerate() {
        if i > 0 {
            o.push(b',');
        }
        o.extend_from_slice(engine::alert_json(a).as_bytes());
    }
    o.extend_from_slice(b"],\"damage\":[");
    for (i, d) in r.troubles.iter().enumerate() {
        if i > 0 {
            o.push(b',');
        }
        model::write::json_string(&mut o, d.to_string().as_bytes());
    }
    o.extend_from_slice(b"],\"logs\":[");
    let paths = [&outputs.eve, &outputs.zeek_tsv, &outputs.zeek_json];
    for (i, p) in paths.into_iter().flatten().enumerate() {
        if i > 0 {
            o.push(b',');
        }
        model::write::json_string(&mut o, p.display().to_string().as_bytes());
    }
    o.extend_from_slice(b"]}\n");
    String::from_utf8_lossy(&o).into_owned()
}

fn stamp(t: Ts) -> String {
    let (y, mo, d, h, mi, s) = t.civil();
    format!("{y:04}-{mo:02}-{d:02} {h:02}:{mi:02}:{s:02}")
}

fn duration(secs: f64) -> String {
    match secs {
        s if s < 120.0 => format!("{s:.1} s"),
        s if s < 7200.0 => format!("{:.0} min", s / 60.0),
        s if s < 172_800.0 => format!("{:.1} h", s / 3600.0),
        s => format!("{:.1} days", s / 86_400.0),
    }
}

fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

fn bytes(n: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut v = n as f64;
    let mut unit = 0;
    while v >= 1024.0 && unit + 1 < UNITS.len() {
        v /= 1024.0;
        unit += 1;
    }
    let name = UNITS.get(unit).copied().unwrap_or_default();
    if unit == 0 { format!("{n} B") } else { format!("{v:.1} {name}") }
}

/// Names come from the network: nothing in them may steer the terminal.
fn printable(name: &[u8]) -> String {
    String::from_utf8_lossy(name)
        .chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}
