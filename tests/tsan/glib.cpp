// SPDX-License-Identifier: LGPL-2.1-or-later

// GLib's locks are futexes of its own, of which ThreadSanitizer knows nothing, and GLib is not
// built with it. Linked into a test, these stand before GLib's and say what each lock orders.

#include <dlfcn.h>
#include <glib.h>

extern "C" {

void __tsan_acquire(void* address);  // NOLINT(bugprone-reserved-identifier)
void __tsan_release(void* address);  // NOLINT(bugprone-reserved-identifier)

#define REAL(name) \
  static auto* const real = reinterpret_cast<decltype(&(name))>(dlsym(RTLD_NEXT, #name))

#define LOCK(Type, name)    \
  void(name)(Type * lock) { \
    REAL(name);             \
    real(lock);             \
    __tsan_acquire(lock);   \
  }
#define TRY_LOCK(Type, name)                   \
  gboolean(name)(Type * lock) {                \
    REAL(name);                                \
    const gboolean locked = real(lock);        \
    if (locked != FALSE) __tsan_acquire(lock); \
    return locked;                             \
  }
#define UNLOCK(Type, name)  \
  void(name)(Type * lock) { \
    REAL(name);             \
    __tsan_release(lock);   \
    real(lock);             \
  }

LOCK(GMutex, g_mutex_lock)
TRY_LOCK(GMutex, g_mutex_trylock)
UNLOCK(GMutex, g_mutex_unlock)
LOCK(GRecMutex, g_rec_mutex_lock)
TRY_LOCK(GRecMutex, g_rec_mutex_trylock)
UNLOCK(GRecMutex, g_rec_mutex_unlock)
LOCK(GRWLock, g_rw_lock_writer_lock)
UNLOCK(GRWLock, g_rw_lock_writer_unlock)
LOCK(GRWLock, g_rw_lock_reader_lock)
UNLOCK(GRWLock, g_rw_lock_reader_unlock)

void(g_cond_wait)(GCond* cond, GMutex* mutex) {
  REAL(g_cond_wait);
  __tsan_release(mutex);
  real(cond, mutex);
  __tsan_acquire(mutex);
}

gboolean(g_cond_wait_until)(GCond* cond, GMutex* mutex, gint64 end_time) {
  REAL(g_cond_wait_until);
  __tsan_release(mutex);
  const gboolean signalled = real(cond, mutex, end_time);
  __tsan_acquire(mutex);
  return signalled;
}

gboolean(g_once_init_enter)(volatile void* location) {
  REAL(g_once_init_enter);
  const gboolean first = real(location);
  __tsan_acquire(const_cast<void*>(location));
  return first;
}

void(g_once_init_leave)(volatile void* location, gsize result) {
  REAL(g_once_init_leave);
  __tsan_release(const_cast<void*>(location));
  real(location, result);
}
}
