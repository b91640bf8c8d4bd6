/* The Rust static library, for C and C++. Every function may be called from any thread; a histogram is for one thread
 * at a time. */
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

/* HdrHistogram: values from 1 to `highest`, kept with three significant digits. What is larger counts as `highest`.
 * Made by one, freed by the other; null if there is no such histogram. */
typedef struct iris_histogram iris_histogram;
iris_histogram* iris_histogram_new(uint64_t highest);
void iris_histogram_free(iris_histogram* histogram);
void iris_histogram_record(iris_histogram* histogram, uint64_t value);
void iris_histogram_add(iris_histogram* into, const iris_histogram* from); /* both with the same `highest` */
void iris_histogram_reset(iris_histogram* histogram);
uint64_t iris_histogram_count(const iris_histogram* histogram);
uint64_t iris_histogram_min(const iris_histogram* histogram);
uint64_t iris_histogram_max(const iris_histogram* histogram);
double iris_histogram_mean(const iris_histogram* histogram);
uint64_t iris_histogram_quantile(const iris_histogram* histogram, double quantile); /* 0.99: the 99th percentile */

#ifdef __cplusplus
}
#endif
