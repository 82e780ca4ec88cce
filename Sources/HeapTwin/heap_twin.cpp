#include "heap_twin.h"

#include <queue>
#include <vector>

namespace {

struct Event {
  int64_t time;
  uint32_t sequence;
  uint32_t id;
};

struct HappensLater {
  bool operator()(const Event &a, const Event &b) const {
    return a.time != b.time ? a.time > b.time : a.sequence > b.sequence;
  }
};

}  // namespace

struct heap_twin {
  std::priority_queue<Event, std::vector<Event>, HappensLater> events;
  uint32_t sequence = 0;
  size_t drawn = 0;
};

heap_twin *heap_twin_create(void) { return new heap_twin; }

void heap_twin_destroy(heap_twin *queue) { delete queue; }

void heap_twin_push(heap_twin *queue, int64_t time, uint32_t id) {
  queue->events.push({time, queue->sequence++, id});
}

uint64_t heap_twin_hold(heap_twin *queue, const int64_t *increments, size_t mask,
                        size_t operations) {
  uint64_t checksum = 0;
  for (size_t i = 0; i < operations; ++i) {
    const Event event = queue->events.top();
    queue->events.pop();
    checksum = checksum * 31 + event.id;
    const int64_t later = event.time + increments[queue->drawn++ & mask];
    queue->events.push({later, queue->sequence++, event.id});
  }
  return checksum;
}
