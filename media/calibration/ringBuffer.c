#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    unsigned char *bytes;
    size_t capacity;
    size_t head;
    size_t length;
} ring_buffer;

bool ring_init(ring_buffer *ring, size_t capacity) {
    ring->bytes = malloc(capacity);
    if (ring->bytes == NULL) {
        return false;
    }
    ring->capacity = capacity;
    ring->head = 0;
    ring->length = 0;
    return true;
}

void ring_free(ring_buffer *ring) {
    free(ring->bytes);
    ring->bytes = NULL;
    ring->capacity = 0;
    ring->length = 0;
}

/* Writes at most `count` bytes and returns how many there was room for. */
size_t ring_write(ring_buffer *ring, const void *source, size_t count) {
    size_t room = ring->capacity - ring->length;
    if (count > room) {
        count = room;
    }
    size_t tail = (ring->head + ring->length) % ring->capacity;
    size_t first = ring->capacity - tail;
    if (first > count) {
        first = count;
    }
    memcpy(ring->bytes + tail, source, first);
    memcpy(ring->bytes, (const unsigned char *)source + first, count - first);
    ring->length += count;
    return count;
}

size_t ring_read(ring_buffer *ring, void *target, size_t count) {
    if (count > ring->length) {
        count = ring->length;
    }
    size_t first = ring->capacity - ring->head;
    if (first > count) {
        first = count;
    }
    memcpy(target, ring->bytes + ring->head, first);
    memcpy((unsigned char *)target + first, ring->bytes, count - first);
    ring->head = (ring->head + count) % ring->capacity;
    ring->length -= count;
    return count;
}

int main(void) {
    ring_buffer ring;
    char text[8];
    if (!ring_init(&ring, 6)) {
        fprintf(stderr, "out of memory\n");
        return EXIT_FAILURE;
    }
    assert(ring_write(&ring, "abcd", 4) == 4);
    assert(ring_read(&ring, text, 2) == 2);
    assert(ring_write(&ring, "efgh", 4) == 4);
    size_t count = ring_read(&ring, text, sizeof text);
    printf("%.*s\n", (int)count, text);
    ring_free(&ring);
    return EXIT_SUCCESS;
}
