//! Shapley values of many players: some orders in which they are switched on instead of all.
//!
//! Each order is drawn together with its reverse. The two are negatively correlated where contributions depend on how
//! many came before, which is the usual case, so that a pair says more than two independent orders (Mitchell, Cooper,
//! Frank and Holmes 2022 compare such designs). The mean over pairs is unbiased.

use crate::engine::{Draw, Purpose, Streams, key_of};

/// Orders of all players, drawn with their reverses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orders {
    players: usize,
    orders: Vec<Vec<usize>>,
}

impl Orders {
    /// `pairs` random orders and the reverse of each, for one replication. Other replications have other orders, so that
    /// the spread over replications contains the error of looking at some orders only.
    pub fn draw(players: usize, pairs: usize, seed: u64, replication: u64) -> Orders {
        let streams = Streams::new(seed, replication);
        let mut draw = streams.sequence(Purpose::Other, key_of("attribution/orders"));
        let mut orders = Vec::with_capacity(2 * pairs);
        for _ in 0..pairs {
            let order = shuffled(players, &mut draw);
            let reverse = order.iter().rev().copied().collect();
            orders.extend([order, reverse]);
        }
        Orders { players, orders }
    }

    /// The coalitions that occur, as bit masks, ascending: before, between and after all players of every order.
    pub fn coalitions(&self) -> Vec<u64> {
        let mut found: Vec<u64> = self.orders.iter().flat_map(|order| prefixes(order)).collect();
        found.push(0);
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The mean contribution of each player over these orders.
    pub fn shapley(&self, value: &dyn Fn(u64) -> f64) -> Vec<f64> {
        let mut sums = vec![0.0; self.players];
        for order in &self.orders {
            let mut before = value(0);
            for (player, coalition) in order.iter().zip(prefixes(order)) {
                let after = value(coalition);
                sums[*player] += after - before;
                before = after;
            }
        }
        sums.iter().map(|sum| sum / self.orders.len() as f64).collect()
    }
}

/// The coalitions after one, two … all players of an order.
fn prefixes(order: &[usize]) -> impl Iterator<Item = u64> + '_ {
    order.iter().scan(0u64, |coalition, player| {
        *coalition |= 1 << player;
        Some(*coalition)
    })
}

/// All players in a random order (Fisher and Yates).
fn shuffled(players: usize, draw: &mut Draw) -> Vec<usize> {
    let mut order: Vec<usize> = (0..players).collect();
    for i in (1..players).rev() {
        order.swap(i, draw.below(i as u32 + 1) as usize);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::super::Game;
    use super::*;
    use crate::experiment::stats::Interval;

    /// Ten causes of different weights that saturate together, and one that makes another matter.
    fn value(coalition: u64) -> f64 {
        let weight: f64 = (0..10)
            .filter(|i| coalition & (1 << i) != 0)
            .map(|i| 1.0 + i as f64)
            .sum();
        let together = if coalition & 3 == 3 { 7.0 } else { 0.0 };
        f64::min(30.0, weight) + together
    }

    #[test]
    fn every_order_shares_out_all() {
        let orders = Orders::draw(10, 3, 5, 0);
        let shares = orders.shapley(&value);
        assert!((shares.iter().sum::<f64>() - value(1023)).abs() < 1e-9);
        assert_ne!(orders, Orders::draw(10, 3, 5, 1));
        assert_eq!(orders, Orders::draw(10, 3, 5, 0));
        let coalitions = orders.coalitions();
        assert!(coalitions.contains(&0) && coalitions.contains(&1023));
        assert!(coalitions.len() <= 6 * 9 + 2);
    }

    #[test]
    fn all_orders_of_few_players_give_the_exact_value() {
        // 400 pairs of three players hold each of the six orders about 133 times.
        let three = |s: u64| [0.0, 1.0, 4.0, 9.0, 2.0, 2.0, 8.0, 20.0][s as usize];
        let game = Game::new(3, (0..8).map(three).collect()).unwrap();
        let sampled = Orders::draw(3, 20_000, 1, 0).shapley(&three);
        for (player, sampled) in sampled.iter().enumerate() {
            assert!(
                (sampled - game.shapley(player)).abs() < 0.1,
                "{sampled} is not {}",
                game.shapley(player)
            );
        }
    }

    /// Ten causes of which each adds less the more came before.
    fn smooth(coalition: u64) -> f64 {
        let on = (0..10).filter(|i| coalition & (1 << i) != 0);
        let weight: f64 = on.map(|i| 1.0 + f64::from(i)).sum();
        weight.sqrt() + if coalition & 3 == 3 { 2.0 } else { 0.0 }
    }

    #[test]
    fn intervals_over_replications_cover_the_exact_value_as_often_as_they_say() {
        // Where shares are skewed, as they are with a hard limit ([`value`]), few orders cover less: measured, 90 % with 2 pairs
        // in each of 12 replications, 94 % with 8 pairs.
        let game = Game::new(10, (0..1024).map(smooth).collect()).unwrap();
        let (rounds, replications) = (400, 12);
        let mut covered = 0;
        for round in 0..rounds {
            let shares: Vec<Vec<f64>> = (0..replications)
                .map(|r| Orders::draw(10, 8, round, r).shapley(&smooth))
                .collect();
            for player in 0..10 {
                let of_player: Vec<f64> = shares.iter().map(|s| s[player]).collect();
                covered += usize::from(Interval::of(&of_player).unwrap().holds(game.shapley(player)));
            }
        }
        let share = covered as f64 / (10 * rounds) as f64;
        assert!((0.93..=0.97).contains(&share), "covered {share}");
    }

    #[test]
    fn a_reverse_says_more_than_another_order() {
        let spread = |pairs: bool| -> f64 {
            let estimate = |r: u64| {
                let mut orders = Orders::draw(10, if pairs { 2 } else { 4 }, 9, r);
                if !pairs {
                    let mut odd = 0;
                    orders.orders.retain(|_| {
                        odd += 1;
                        odd % 2 == 1
                    });
                }
                orders.shapley(&value)[9]
            };
            let values: Vec<f64> = (0..2000).map(estimate).collect();
            Interval::of(&values).unwrap().half_width.unwrap()
        };
        assert!(spread(true) < 0.9 * spread(false));
    }
}
