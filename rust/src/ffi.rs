//! The C side: bytes in, bytes out into a buffer of the caller.
use crate::address;

const INVALID: i64 = -1;
const NO_ROOM: i64 = -2;

/// # Safety
/// `input` must point to `size` readable bytes, `output` to `capacity` writable ones.
unsafe fn transform(
    input: *const u8,
    size: usize,
    output: *mut u8,
    capacity: usize,
    prepare: fn(&str) -> Option<String>,
) -> i64 {
    if size == 0 {
        return INVALID; // none of our strings may be empty; and the pointer may be null
    }
    let bytes = std::slice::from_raw_parts(input, size);
    let Some(prepared) = std::str::from_utf8(bytes).ok().and_then(prepare) else {
        return INVALID;
    };
    if prepared.len() > capacity {
        return NO_ROOM;
    }
    std::ptr::copy_nonoverlapping(prepared.as_ptr(), output, prepared.len());
    prepared.len() as i64
}

/// # Safety
/// See `iris_rust.h`.
#[no_mangle]
pub unsafe extern "C" fn iris_prepare_local(i: *const u8, size: usize, o: *mut u8, capacity: usize) -> i64 {
    transform(i, size, o, capacity, address::local)
}

/// # Safety
/// See `iris_rust.h`.
#[no_mangle]
pub unsafe extern "C" fn iris_prepare_domain(i: *const u8, size: usize, o: *mut u8, capacity: usize) -> i64 {
    transform(i, size, o, capacity, address::domain)
}

/// # Safety
/// See `iris_rust.h`.
#[no_mangle]
pub unsafe extern "C" fn iris_prepare_opaque(i: *const u8, size: usize, o: *mut u8, capacity: usize) -> i64 {
    transform(i, size, o, capacity, address::opaque)
}

#[no_mangle]
pub extern "C" fn iris_unicode_version() -> u32 {
    u32::from(precis_profiles::UNICODE_VERSION.0)
}
