/* The Rust static library, for C and C++. Every function may be called from any thread. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { IRIS_INVALID = -1, IRIS_NO_ROOM = -2 };

/* Prepares `size` bytes of UTF-8 at `input` into the caller's buffer, which must not overlap. Returns how many bytes
 * were written, IRIS_INVALID (not UTF-8, empty, or against the profile), or IRIS_NO_ROOM (the result is longer than
 * `capacity`; nothing was written). */
int64_t iris_prepare_local(const uint8_t* input, size_t size, uint8_t* output, size_t capacity);  /* RFC 7622 3.3 */
int64_t iris_prepare_domain(const uint8_t* input, size_t size, uint8_t* output, size_t capacity); /* RFC 7622 3.2 */
int64_t iris_prepare_opaque(const uint8_t* input, size_t size, uint8_t* output, size_t capacity); /* RFC 8265 4.2 */

/* Major version of Unicode whose tables decide what is allowed. */
uint32_t iris_unicode_version(void);

#ifdef __cplusplus
}
#endif
