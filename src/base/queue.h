// A first-in-first-out queue that costs one pointer while it is empty. There are many of them for each idle session,
// and they hold something for moments only; a std::deque keeps 600 bytes for that. Not for queues that are hardly ever
// empty: this one gives its memory back whenever it runs dry.
//
// T must be movable without throwing. References are good until the next push. Not thread-safe.
#pragma once
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "base/check.h"

namespace iris::base {

template <typename T>
class Queue {
  template <bool kConst>
  class Cursor {
    using Owner = std::conditional_t<kConst, const Queue, Queue>;

   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using pointer = std::conditional_t<kConst, const T*, T*>;
    using reference = std::conditional_t<kConst, const T&, T&>;

    Cursor() = default;
    Cursor(Owner* queue, std::size_t at) : queue_(queue), at_(at) {}
    reference operator*() const { return (*queue_)[at_]; }
    pointer operator->() const { return &**this; }
    Cursor& operator++() { return ++at_, *this; }
    Cursor operator++(int) { return {queue_, at_++}; }
    friend bool operator==(const Cursor& a, const Cursor& b) { return a.at_ == b.at_; }

   private:
    Owner* queue_ = nullptr;
    std::size_t at_ = 0;
  };

 public:
  using iterator = Cursor<false>;
  using const_iterator = Cursor<true>;

  Queue() = default;
  Queue(Queue&& other) noexcept : ring_(std::exchange(other.ring_, nullptr)) {}
  Queue& operator=(Queue&& other) noexcept {
    if (this != &other) clear(), ring_ = std::exchange(other.ring_, nullptr);
    return *this;
  }
  ~Queue() { clear(); }

  bool empty() const { return ring_ == nullptr; }
  std::size_t size() const { return ring_ ? ring_->size : 0; }
  T& operator[](std::size_t index) { return *ring_->at(index); }
  const T& operator[](std::size_t index) const { return *ring_->at(index); }
  T& front() { return (*this)[0]; }
  const T& front() const { return (*this)[0]; }
  T& back() { return (*this)[ring_->size - 1]; }
  const T& back() const { return (*this)[ring_->size - 1]; }
  iterator begin() { return {this, 0}; }
  iterator end() { return {this, size()}; }
  const_iterator begin() const { return {this, 0}; }
  const_iterator end() const { return {this, size()}; }

  void push_back(T value) {
    if (!ring_ || ring_->size == ring_->capacity) grow();
    new (ring_->at(ring_->size)) T(std::move(value));
    ++ring_->size;
  }

  void pop_front() {
    IRIS_CHECK(ring_ != nullptr);
    std::destroy_at(ring_->at(0));
    ring_->head = (ring_->head + 1) & (ring_->capacity - 1);
    if (--ring_->size == 0) free(std::exchange(ring_, nullptr));
  }

  void clear() {
    while (!empty()) pop_front();
  }

 private:
  static constexpr std::uint32_t kFirstCapacity = 4;
  static_assert(std::is_nothrow_move_constructible_v<T>);
  static_assert(alignof(T) <= alignof(std::max_align_t));

  struct alignas(std::max_align_t) Ring {
    std::uint32_t capacity, head, size;  // the capacity is a power of two
    T* slots() { return reinterpret_cast<T*>(this + 1); }
    T* at(std::size_t index) { return slots() + ((head + index) & (capacity - 1)); }
  };

  static void free(Ring* ring) { ::operator delete(ring); }

  void grow() {
    const std::uint32_t capacity = ring_ ? ring_->capacity * 2 : kFirstCapacity;
    auto* memory = ::operator new(sizeof(Ring) + capacity * sizeof(T));
    auto* ring = new (memory) Ring{capacity, 0, static_cast<std::uint32_t>(size())};
    for (std::uint32_t i = 0; i < ring->size; ++i) {
      new (ring->at(i)) T(std::move(*ring_->at(i)));
      std::destroy_at(ring_->at(i));
    }
    free(std::exchange(ring_, ring));
  }

  Ring* ring_ = nullptr;  // null: empty
};

}  // namespace iris::base
