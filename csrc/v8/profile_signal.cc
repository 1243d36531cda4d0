#include "v8/profile_signal.h"

#if defined(__linux__)

#include <signal.h>

#include <mutex>

namespace shf {

namespace {

// Signal actions belong to the process, and its threads may start and stop at the same time.
std::mutex lock;
// V8's own action, once it is known.
struct sigaction v8_action;
bool v8_known;

struct sigaction Action() {
  struct sigaction action;
  sigaction(SIGPROF, nullptr, &action);
  return action;
}

bool Same(const struct sigaction &a, const struct sigaction &b) {
  return a.sa_sigaction == b.sa_sigaction;
}

bool IsHandler(const struct sigaction &action) {
  return action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN;
}

// Removes the signal that is pending for this thread.
void Consume(const sigset_t *signal) {
  struct timespec none = {0, 0};
  (void)sigtimedwait(signal, nullptr, &none);
}

}  // namespace

void StartWithoutSignal(void (*start)(void *arg), void *arg) {
  std::lock_guard<std::mutex> guard(lock);
  struct sigaction before = Action();
  start(arg);
  struct sigaction after = Action();
  if (Same(before, after)) return;
  v8_action = after;
  v8_known = true;
  if (IsHandler(before)) sigaction(SIGPROF, &before, nullptr);
}

void StopWithoutSignal(void (*stop)(void *arg), void *arg) {
  std::lock_guard<std::mutex> guard(lock);
  sigset_t signal, mask;
  sigemptyset(&signal);
  sigaddset(&signal, SIGPROF);
  struct sigaction before = Action();
  sigprocmask(SIG_BLOCK, &signal, &mask);
  stop(arg);
  // One that was pending already may be the app's.
  if (!sigismember(&mask, SIGPROF)) Consume(&signal);
  // V8 has restored what it found, which may be older than the app's handler.
  if (v8_known && !Same(before, v8_action)) sigaction(SIGPROF, &before, nullptr);
  sigprocmask(SIG_SETMASK, &mask, nullptr);
}

}  // namespace shf

#else

namespace shf {

void StartWithoutSignal(void (*start)(void *arg), void *arg) {
  start(arg);
}

void StopWithoutSignal(void (*stop)(void *arg), void *arg) {
  stop(arg);
}

}  // namespace shf

#endif
