//! Préau: a discrete-event simulator of France's national distance-learning infrastructure.
pub mod cli;
pub mod engine;
pub mod experiment;
pub mod measure;
pub mod output;
pub mod queueing;
pub mod scenario;
pub mod world;
