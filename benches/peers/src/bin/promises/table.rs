//! The table.

use crate::Workload;
use crate::child::Job;
use clap::Args;
use preau_peers::promise::STEPS;

#[derive(Args)]
pub struct TableArgs {
    /// Only this workload
    #[arg(long)]
    only: Option<Workload>,
    /// So many rounds of timed runs; medians are printed
    #[arg(long, default_value_t = 3)]
    repeat: usize,
    /// Multiplies the sizes of the timed runs
    #[arg(long, default_value_t = 1.0)]
    size: f64,
    /// Leaves the instructions out, which take some minutes
    #[arg(long)]
    no_instructions: bool,
}

/// Sizes between which instructions are counted, so that the start drops out.
fn counted_sizes(workload: Workload) -> [f64; 2] {
    match workload {
        Workload::W1 => [0.01, 0.03],
        // In smaller storms the line is full at times, which it is not in one of size 1.
        Workload::W2 => [0.2, 0.4],
    }
}

/// A row: what is known of one loop.
struct Row {
    keep: String,
    name: String,
    /// Nanoseconds a logical event, one a round.
    times: Vec<f64>,
    /// Events executed for each logical one.
    executed: Option<f64>,
    instructions: Result<f64, String>,
    checked: f64,
}

/// Prints it.
pub fn print(args: &TableArgs) -> Result<(), String> {
    if args.repeat == 0 {
        return Err(String::from("--repeat 0: at least one round is needed"));
    }
    for workload in [Workload::W1, Workload::W2] {
        if args.only.is_none_or(|only| only == workload) {
            one(args, workload)?;
        }
    }
    println!(
        "Each step keeps the promises of all steps before it, but for the last, which keeps those of the one before it."
    );
    for (number, step) in STEPS.iter().enumerate() {
        println!("  {number} {:<12} {}", step.name, step.adds);
    }
    Ok(())
}

fn rows() -> Vec<Row> {
    let row = |keep: String, name: String| Row {
        keep,
        name,
        times: Vec::new(),
        executed: None,
        instructions: Err(String::from("not measured")),
        checked: f64::NAN,
    };
    let mut rows = vec![row(String::from("hand"), String::from("hand-written loop"))];
    let steps = STEPS.iter().enumerate();
    rows.extend(steps.map(|(i, step)| row(i.to_string(), format!("{i} {}", step.name))));
    rows.push(row(String::from("preau"), String::from("preau")));
    rows
}

fn one(args: &TableArgs, workload: Workload) -> Result<(), String> {
    let mut rows = rows();
    for round in 0..args.repeat {
        // In the opposite order every other round, so that a machine that grows slower favours nobody.
        let mut order: Vec<usize> = (0..rows.len()).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for i in order {
            let row = &mut rows[i];
            let ran = job(workload, &row.keep, args.size).time()?;
            let logical = ran.count("logical")?;
            row.times.push(1e9 * ran.cpu / logical);
            row.executed = ran.count("executed").ok().map(|n| n / logical);
            row.checked = ran.count(checked(workload))?;
        }
        eprintln!("{}: round {} of {}", workload.name(), round + 1, args.repeat);
    }
    if !args.no_instructions {
        for row in &mut rows {
            row.instructions = instructions(workload, &row.keep);
            eprintln!("{}: instructions of {}", workload.name(), row.name);
        }
    }
    show(workload, &rows);
    Ok(())
}

fn job(workload: Workload, keep: &str, size: f64) -> Job {
    Job {
        workload: workload.name(),
        keep: keep.to_owned(),
        size,
        seed: 1,
    }
}

/// What is printed beside the cost, so that one sees that the same model ran.
fn checked(workload: Workload) -> &'static str {
    match workload {
        Workload::W1 => "mean_wait",
        Workload::W2 => "gaveup",
    }
}

fn instructions(workload: Workload, keep: &str) -> Result<f64, String> {
    let [small, large] = counted_sizes(workload).map(|size| {
        let ran = job(workload, keep, size).count()?;
        let counted = ran.instructions.ok_or("valgrind counted nothing")?;
        Ok::<_, String>((counted, ran.count("logical")?))
    });
    let (small, large) = (small?, large?);
    Ok((large.0 - small.0) / (large.1 - small.1))
}

fn median(times: &[f64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

fn show(workload: Workload, rows: &[Row]) {
    let (first, what) = match workload {
        Workload::W1 => ("W1, a queue", "mean wait, s"),
        Workload::W2 => ("W2, a login storm", "gave up"),
    };
    println!(
        "{first:<20} {:>12} {:>8} {:>8} {:>8} {:>9} {:>13}",
        "instructions", "ratio", "ns", "ratio", "executed", what
    );
    println!("{}", "-".repeat(84));
    let hand = rows.first();
    let hand_time = hand.map_or(f64::NAN, |hand| median(&hand.times));
    let hand_count = hand.and_then(|hand| hand.instructions.as_ref().ok().copied());
    for row in rows {
        let time = median(&row.times);
        let (count, ratio) = match (&row.instructions, hand_count) {
            (Ok(n), Some(hand)) => (format!("{n:.0}"), format!("{:.2}", hand / n)),
            (Ok(n), None) => (format!("{n:.0}"), String::from("-")),
            (Err(_), _) => (String::from("not measured"), String::from("-")),
        };
        let executed = row.executed.map_or(String::from("1.00"), |n| format!("{n:.2}"));
        let checked = match workload {
            Workload::W1 => format!("{:.4}", row.checked),
            Workload::W2 => format!("{:.0}", row.checked),
        };
        println!(
            "{:<20} {count:>12} {ratio:>8} {time:>8.1} {:>8.2} {executed:>9} {checked:>13}",
            row.name,
            hand_time / time
        );
    }
    let why = rows.iter().find_map(|row| row.instructions.as_ref().err());
    if let Some(why) = why.filter(|why| *why != "not measured") {
        println!("Instructions: {why}");
    }
    println!();
}
