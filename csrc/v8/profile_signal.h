/*
 * SIGPROF, by which V8's CPU profiler interrupts the profiled thread. V8 installs a handler when
 * the first profile of the process starts, and restores the old one after the last. It sends the
 * signal when the sampling period is over, which is never in ours, and once when a profile stops.
 * The app must see none of that.
 */
#ifndef SHF_V8_PROFILE_SIGNAL_H
#define SHF_V8_PROFILE_SIGNAL_H

namespace shf {

// Calls `start`, which starts a CPU profile of this thread, and keeps a handler that the app has
// installed.
void StartWithoutSignal(void (*start)(void *arg), void *arg);
// Calls `stop`, which stops one, without the signal, and keeps the handler.
void StopWithoutSignal(void (*stop)(void *arg), void *arg);

}  // namespace shf

#endif
