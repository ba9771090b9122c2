/* background.h - starts a thread of the background, which nobody joins. */
#ifndef PANGOLIN_BACKGROUND_H
#define PANGOLIN_BACKGROUND_H

/* Signals are for the event loop: the thread takes none.  0, or an errno. */
int background_start(void *(*run)(void *), void *arg);

#endif
