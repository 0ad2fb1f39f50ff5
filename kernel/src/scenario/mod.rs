//! The model as the simulator needs it. How files are read into it is in the folder of this name in `preau`.

pub mod model;
