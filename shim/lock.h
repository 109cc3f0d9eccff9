/* The one lock of the library, for the tables that all threads of a process share.
 *
 * Held for some instructions and never across a call out; it is taken before a fork and given back on both
 * sides.
 */
#ifndef PINSHIM_SHIM_LOCK_H
#define PINSHIM_SHIM_LOCK_H

void lock_take(void);
void lock_give(void);

/* To be called before the first thing is put into a table: a program that puts in none pays nothing. */
void lock_watch_forks(void);

#endif
