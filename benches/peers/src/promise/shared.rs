//! A station's processor, shared: virtual time, and the integrals of what it did.

/// All in service advance at the same speed, so a login of work `w` is done when virtual time has grown by `w`. With as many
/// threads as cores nobody is ever slowed down; that is worked out here and not assumed.
pub struct Shared {
    cores: f64,
    per_core: f64,
    /// Virtual time, s.
    pub v: f64,
    /// Up to when, ns.
    last: f64,
    speed: f64,
    slowness: f64,
    jobs: f64,
    /// ∫ busy share dt, s.
    pub busy: f64,
    /// ∫ quality dt up to the last change of speed, s.
    quality: f64,
    /// When the speed changed last, ns.
    since: f64,
}

impl Shared {
    /// An idle processor.
    pub fn new(cores: f64) -> Self {
        Shared {
            cores,
            per_core: 1.0 / cores,
            v: 0.0,
            last: 0.0,
            speed: 1.0,
            slowness: 1.0,
            jobs: 0.0,
            busy: 0.0,
            quality: 0.0,
            since: 0.0,
        }
    }

    /// Brings virtual time and the busy share to `now`, ns.
    #[inline]
    pub fn advance(&mut self, now: f64) {
        let dt = (now - self.last) * 1e-9;
        self.last = now;
        let used = self.jobs * self.speed * self.per_core;
        self.busy += if used < 1.0 { used } else { 1.0 } * dt;
        // Where nobody is in service nobody measures it: starting over keeps the numbers small and exact.
        self.v = if self.jobs > 0.0 { self.v + self.speed * dt } else { 0.0 };
    }

    /// Other logins are in service from now on.
    #[inline]
    pub fn serve(&mut self, jobs: usize) {
        self.jobs = jobs as f64;
        let speed = if self.jobs > self.cores {
            self.cores / self.jobs
        } else {
            1.0
        };
        if speed != self.speed {
            self.quality = self.quality_until(self.last);
            self.since = self.last;
            self.speed = speed;
            self.slowness = 1.0 / speed;
        }
    }

    /// ∫ quality dt up to `now`, s: what sessions get is as fast as logins are.
    #[inline]
    pub fn quality_until(&self, now: f64) -> f64 {
        self.quality + self.speed * ((now - self.since) * 1e-9)
    }

    /// When a login is done that ends at `v`, ns; never if `v` is infinite.
    #[inline]
    pub fn due(&self, v: f64) -> f64 {
        let left = v - self.v;
        self.last + super::w1::whole(if left > 0.0 { left } else { 0.0 } * self.slowness * 1e9)
    }

    /// A login is done that ends at `v`: the clock is rounded, virtual time is not.
    #[inline]
    pub fn reach(&mut self, v: f64) {
        if v > self.v {
            self.v = v;
        }
    }
}
