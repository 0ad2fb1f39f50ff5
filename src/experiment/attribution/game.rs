//! Games: what every coalition of causes brings about, and how that is shared out.
//!
//! A coalition is a bit mask: bit `i` is set when cause `i` is on. The value of a coalition is a number of the world in
//! which exactly these causes are on. Nothing here knows where the numbers come from.

/// More players than this would make a table of more than a million values.
pub const MOST_PLAYERS: usize = 20;

/// The value of every coalition of a few players.
#[derive(Clone, Debug, PartialEq)]
pub struct Game {
    players: usize,
    /// By bit mask.
    values: Vec<f64>,
}

impl Game {
    /// A game from the values of all coalitions, in the order of their masks; `None` unless there are exactly `2^players`
    /// of them, for 1 to [`MOST_PLAYERS`] players.
    pub fn new(players: usize, values: Vec<f64>) -> Option<Game> {
        let fits = (1..=MOST_PLAYERS).contains(&players) && values.len() == 1 << players;
        fits.then_some(Game { players, values })
    }

    /// How many players.
    pub fn players(&self) -> usize {
        self.players
    }

    /// The value of a coalition.
    pub fn value(&self, coalition: usize) -> f64 {
        self.values[coalition]
    }

    /// All players.
    fn everybody(&self) -> usize {
        self.values.len() - 1
    }

    /// What there is to share out: all players against none.
    pub fn total(&self) -> f64 {
        self.values[self.everybody()] - self.values[0]
    }

    /// What a player brings about by itself, in a world where nothing else is on.
    pub fn alone(&self, player: usize) -> f64 {
        self.values[1 << player] - self.values[0]
    }

    /// What would not have come about but for the player, everything else on.
    pub fn but_for(&self, player: usize) -> f64 {
        let everybody = self.everybody();
        self.values[everybody] - self.values[everybody & !(1 << player)]
    }

    /// The player's mean contribution over all orders in which causes could be switched on (Shapley 1953):
    /// `Σ |S|! (n-|S|-1)! / n! (v(S+i) - v(S))` over coalitions without the player.
    ///
    /// ```
    /// use preau::experiment::attribution::Game;
    /// // Two causes, either of which does all the harm: but for either nothing would change, yet each has half.
    /// let game = Game::new(2, vec![0.0, 8.0, 8.0, 8.0]).unwrap();
    /// assert_eq!((game.alone(0), game.but_for(0), game.shapley(0)), (8.0, 0.0, 4.0));
    /// ```
    pub fn shapley(&self, player: usize) -> f64 {
        let n = self.players;
        let without = (0..self.values.len()).filter(|s| s & (1 << player) == 0);
        without
            .map(|s| {
                let weight = 1.0 / (n as f64 * binomial(n - 1, s.count_ones()));
                weight * (self.values[s | 1 << player] - self.values[s])
            })
            .sum()
    }

    /// The pair's interaction, averaged over the worlds of the others (Owen 1972; Grabisch and Roubens 1999): positive
    /// when together they do more than each for itself, negative when one makes the other matter less.
    ///
    /// # Panics
    /// If the two are the same.
    pub fn interaction(&self, one: usize, other: usize) -> f64 {
        assert_ne!(one, other, "a player does not interact with itself");
        let n = self.players;
        let (i, j) = (1 << one, 1 << other);
        let without = (0..self.values.len()).filter(|s| s & (i | j) == 0);
        without
            .map(|s| {
                let weight = 1.0 / ((n - 1) as f64 * binomial(n - 2, s.count_ones()));
                let v = |coalition: usize| self.values[coalition];
                weight * (v(s | i | j) - v(s | i) - v(s | j) + v(s))
            })
            .sum()
    }

    /// What each coalition brings about beyond all its parts (Harsanyi 1959), by mask: `d(S) = Σ (-1)^(|S|-|T|) v(T)` over
    /// the parts `T` of `S`. A player's Shapley value is the sum of `d(S)/|S|` over coalitions with the player.
    pub fn dividends(&self) -> Vec<f64> {
        let mut dividends = self.values.clone();
        for player in 0..self.players {
            for s in 0..dividends.len() {
                if s & (1 << player) != 0 {
                    dividends[s] -= dividends[s & !(1 << player)];
                }
            }
        }
        dividends
    }

    /// The game of some of the players, all others staying off. Players keep their order.
    pub fn among(&self, players: &[usize]) -> Option<Game> {
        let whole = |small: usize| -> usize {
            let on = players.iter().enumerate().filter(|(bit, _)| small & (1 << bit) != 0);
            on.map(|(_, player)| 1 << player).sum()
        };
        if players.iter().any(|p| *p >= self.players) || players.len() > self.players {
            return None;
        }
        let values = (0..1usize << players.len()).map(|small| self.values[whole(small)]);
        Game::new(players.len(), values.collect())
    }
}

/// `n` over `k`.
fn binomial(n: usize, k: u32) -> f64 {
    (0..k as usize).fold(1.0, |b, i| b * (n - i) as f64 / (i + 1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Unserved people of the worked example: a surge of 80, an attack that takes 40 of 150 places, a host that takes 60,
    /// a quota of 90.
    fn toy() -> Game {
        let unserved = |s: usize| {
            let on = |bit: usize| f64::from(u8::from(s & (1 << bit) != 0));
            let places = 150.0 - 40.0 * on(1) - 60.0 * on(2);
            let places = if s & 8 != 0 { f64::min(places, 90.0) } else { places };
            f64::max(0.0, 100.0 + 80.0 * on(0) - places)
        };
        Game::new(4, (0..16).map(unserved).collect()).unwrap()
    }

    #[test]
    fn the_worked_example_comes_out() {
        // Exact values of the oracle table: 66 2/3, 23 1/3, 30, 10, which add up to 130.
        let game = toy();
        let exact = [200.0 / 3.0, 70.0 / 3.0, 30.0, 10.0];
        for (player, exact) in exact.into_iter().enumerate() {
            assert!((game.shapley(player) - exact).abs() < 1e-9, "{}", game.shapley(player));
        }
        assert_eq!(
            (0..4).map(|i| game.alone(i)).collect::<Vec<_>>(),
            [30.0, 0.0, 10.0, 10.0]
        );
        assert_eq!(
            (0..4).map(|i| game.but_for(i)).collect::<Vec<_>>(),
            [80.0, 40.0, 40.0, 0.0]
        );
        assert_eq!(game.total(), 130.0);
    }

    #[test]
    fn a_game_of_some_players_leaves_the_others_off() {
        let game = toy();
        let without_host = game.among(&[0, 1, 3]).unwrap();
        assert_eq!(without_host.total(), game.value(0b1011) - game.value(0));
        assert_eq!(without_host.alone(2), game.alone(3));
        assert_eq!(game.among(&[0, 4]), None);
        assert_eq!(Game::new(2, vec![0.0; 3]), None);
        assert_eq!(Game::new(0, vec![0.0]), None);
    }

    fn games() -> impl Strategy<Value = Game> {
        (1usize..=6).prop_flat_map(|n| {
            proptest::collection::vec(-1e3..1e3f64, 1 << n).prop_map(move |values| Game::new(n, values).unwrap())
        })
    }

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-9 * (1.0 + a.abs().max(b.abs())) * 1e3
    }

    proptest! {
        #[test]
        fn efficiency_all_is_shared_out(game in games()) {
            let sum: f64 = (0..game.players()).map(|i| game.shapley(i)).sum();
            prop_assert!(near(sum, game.total()), "{sum} of {}", game.total());
        }

        #[test]
        fn a_dummy_has_what_it_does_alone(game in games(), worth in -50.0..50.0f64) {
            // One more player, which adds the same in every world.
            let values = (0..2).flat_map(|on| game.values.iter().map(move |v| v + worth * f64::from(on)));
            let larger = Game::new(game.players() + 1, values.collect()).unwrap();
            let dummy = game.players();
            prop_assert!(near(larger.shapley(dummy), worth));
            for i in 0..game.players() {
                prop_assert!(near(larger.shapley(i), game.shapley(i)));
                prop_assert!(near(larger.interaction(i, dummy), 0.0));
            }
        }

        #[test]
        fn players_that_do_the_same_have_the_same(game in games()) {
            // A twin of the first player: what either or both do is what the first did.
            let n = game.players();
            let values = (0..1usize << (n + 1)).map(|s| game.values[(s & !(1 << n)) | (s >> n)]);
            let larger = Game::new(n + 1, values.collect()).unwrap();
            prop_assert!(near(larger.shapley(0), larger.shapley(n)));
        }

        #[test]
        fn values_of_a_sum_are_sums_of_values(
            (n, a, b) in (1usize..=6).prop_flat_map(|n| {
                let values = proptest::collection::vec(-1e3..1e3f64, 1 << n);
                (Just(n), values.clone(), values)
            }),
            factor in -3.0..3.0f64,
        ) {
            let sum = a.iter().zip(&b).map(|(a, b)| a + factor * b).collect();
            let (a, b, sum) = (Game::new(n, a).unwrap(), Game::new(n, b).unwrap(), Game::new(n, sum).unwrap());
            for i in 0..n {
                prop_assert!(near(sum.shapley(i), a.shapley(i) + factor * b.shapley(i)));
            }
        }

        #[test]
        fn dividends_say_the_same(game in games()) {
            let dividends = game.dividends();
            let share = |i: usize| -> f64 {
                let with = (0..dividends.len()).filter(|s| s & (1 << i) != 0);
                with.map(|s| dividends[s] / f64::from(s.count_ones())).sum()
            };
            for i in 0..game.players() {
                prop_assert!(near(share(i), game.shapley(i)));
            }
            prop_assert!(near(dividends.iter().sum::<f64>(), game.value(game.everybody())));
            // The interaction of a pair is the sum of d(S)/(|S|-1) over coalitions with both.
            if game.players() > 1 {
                let both = (0..dividends.len()).filter(|s| s & 3 == 3);
                let sum: f64 = both.map(|s| dividends[s] / f64::from(s.count_ones() - 1)).sum();
                prop_assert!(near(sum, game.interaction(0, 1)));
            }
        }
    }
}
