//! The C side of HdrHistogram, for what measures.
use hdrhistogram::Histogram;

const DIGITS: u8 = 3;

#[no_mangle]
pub extern "C" fn iris_histogram_new(highest: u64) -> *mut Histogram<u64> {
    match Histogram::new_with_bounds(1, highest, DIGITS) {
        Ok(histogram) => Box::into_raw(Box::new(histogram)),
        Err(_) => std::ptr::null_mut(),
    }
}

/// # Safety
/// `histogram` is from `iris_histogram_new` and not used again.
#[no_mangle]
pub unsafe extern "C" fn iris_histogram_free(histogram: *mut Histogram<u64>) {
    if !histogram.is_null() {
        drop(Box::from_raw(histogram));
    }
}

/// # Safety
/// See `iris_rust.h`.
#[no_mangle]
pub unsafe extern "C" fn iris_histogram_record(histogram: *mut Histogram<u64>, value: u64) {
    (*histogram).saturating_record(value);
}

/// # Safety
/// See `iris_rust.h`.
#[no_mangle]
pub unsafe extern "C" fn iris_histogram_add(into: *mut Histogram<u64>, from: *const Histogram<u64>) {
    // It fails only where bounds differ, which the header forbids.
    let _ = (*into).add(&*from);
}

/// # Safety
/// See `iris_rust.h`.
#[no_mangle]
pub unsafe extern "C" fn iris_histogram_reset(histogram: *mut Histogram<u64>) {
    (*histogram).reset();
}

/// # Safety
/// See `iris_rust.h`.
#[no_mangle]
pub unsafe extern "C" fn iris_histogram_count(histogram: *const Histogram<u64>) -> u64 {
    (*histogram).len()
}

/// # Safety
/// See `iris_rust.h`.
#[no_mangle]
pub unsafe extern "C" fn iris_histogram_min(histogram: *const Histogram<u64>) -> u64 {
    (*histogram).min()
}

/// # Safety
/// See `iris_rust.h`.
#[no_mangle]
pub unsafe extern "C" fn iris_histogram_max(histogram: *const Histogram<u64>) -> u64 {
    (*histogram).max()
}

/// # Safety
/// See `iris_rust.h`.
#[no_mangle]
pub unsafe extern "C" fn iris_histogram_mean(histogram: *const Histogram<u64>) -> f64 {
    (*histogram).mean()
}

/// # Safety
/// See `iris_rust.h`.
#[no_mangle]
pub unsafe extern "C" fn iris_histogram_quantile(histogram: *const Histogram<u64>, quantile: f64) -> u64 {
    (*histogram).value_at_quantile(quantile)
}
