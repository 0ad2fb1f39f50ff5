//! scratch
use preau::scenario::{Source, load};
use preau::world::*;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let t = std::time::Instant::now();
    let s = match load(&Source::File(args[1].clone().into()), &[]) {
        Ok(s) => s,
        Err(e) => {
            println!("{}", e.render(false));
            return;
        }
    };
    println!("load {:?}", t.elapsed());
    let policies = args
        .get(2)
        .map(|p| {
            p.split(',')
                .filter(|x| !x.is_empty())
                .map(|k| preau::scenario::model::PolicyId(s.policies.iter().position(|p| p.key == k).unwrap() as u16))
                .collect()
        })
        .unwrap_or_default();
    let o = run(
        &s,
        &RunOptions {
            seed: 1,
            policies,
            ..Default::default()
        },
        &mut Unwatched,
    );
    let o = match o {
        Ok(o) => o,
        Err(e) => {
            println!("{e}");
            return;
        }
    };
    println!("{:?} money {:?}", o.stats, o.money);
    let h = |ms: u64| ms as f64 / 3.6e6;
    let mut sum = preau::measure::Tally::default();
    for c in &o.cohorts {
        sum.merge(c);
    }
    println!(
        "people {} conn {} visits {} knocks {} logins {} refused {:?} wanted {:.0} got {:.0} fb {:.0} lost {:.0} unf {} p50 {:?} p95 {:?}",
        sum.people_tried,
        sum.people_connected,
        sum.visits,
        sum.knocks,
        sum.logins,
        sum.refused,
        h(sum.wanted_ms),
        h(sum.obtained_ms),
        h(sum.fallback_ms),
        h(sum.lost_ms),
        sum.unfinished,
        sum.waits.quantile(0.5),
        sum.waits.quantile(0.95)
    );
    for (i, svc) in s.services.iter().enumerate() {
        let b = &o.series.services[i];
        print!("{:14}", svc.key);
        for k in (48..204).step_by(6) {
            let v: u64 = b[k..k + 6].iter().map(|x| x.first_knocks).sum();
            let w: u64 = b[k..k + 6].iter().map(|x| x.in_5min).sum();
            print!(" {:3.0}", 100.0 * w as f64 / v.max(1) as f64);
        }
        let t = &o.services[i];
        println!(
            "  knocks/login {:.1} util {:.2} lost% {:.1} ref {:?}",
            t.knocks as f64 / t.logins.max(1) as f64,
            b.iter().map(|x| x.utilisation).fold(0.0, f64::max),
            100.0 * t.lost_ms as f64 / t.wanted_ms.max(1) as f64,
            t.refused
        );
    }
}
