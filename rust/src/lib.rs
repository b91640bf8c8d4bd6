//! What Iris takes from Rust, as one static library behind the C header `include/iris_rust.h`.
//!
//! Nothing here keeps state but what a caller has made and frees again. Buffers belong to the caller. A panic ends the
//! process.
mod address;
mod classes;
mod ffi;
mod histogram;
