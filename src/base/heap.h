/*
 * heap.h - makes the C library's allocator give freed memory back.
 *
 * Left alone it learns from large blocks to keep large blocks, and a process
 * that was large once stays so.
 */
#ifndef PANGOLIN_HEAP_H
#define PANGOLIN_HEAP_H

/* From here on a large block goes back to the system when it is freed. */
void heap_tune(void);

/* Gives back small blocks too, when little is being freed any more.  One thread
 * calls it every now and then; it may take milliseconds. */
void heap_trim(void);

#endif
