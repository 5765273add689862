// Owns how the emulated engine uses a second processor: the tiles of a large map are dealt to this
// thread and to a helper. Emulation only; a card has its own parallelism. Must not know operations.
//
// A job is dealt in chunks by one atomic counter, so a helper that comes late does less and one that
// never comes is not waited for. Elements do not depend on each other in a map: who computes them
// changes no bit. States of the helper:
//
//   IDLE --post (caller)--> POSTED --take (helper)--> WORKING --finish (helper)--> IDLE
//                             \--withdraw (caller)--> IDLE
//   IDLE, POSTED --unload--> STOPPED, for good
//
// After a job the helper looks out for the next one for twice as long as that took to come the last
// time (within the bounds below), then sleeps until it is woken. On a busy
// machine it does harm (it takes turns with this thread, or holds a chunk while it is off the
// processor): a job in which it did is followed by jobs without it, more each time.
#ifndef FPGARRAY_LANES_H
#define FPGARRAY_LANES_H

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace {

enum lane_state { LANE_IDLE, LANE_POSTED, LANE_WORKING, LANE_STOPPED };

static const long SPIN_LEAST_NS = 50000, SPIN_MOST_NS = 1000000;
static const uint64 CHUNK_TILES = 16;

// ENGINE has prepare(program, ports), work(), map_range(start, stop), join(other) and tell(to, slot).
template <typename ENGINE> class lanes {
  public:
    void run(const port_word *words, const port_set &ports, port_word *told, unsigned slot) {
        if (!own.prepare(words, ports)) return;
        share(words, ports);
        own.tell(told, slot);
    }
    // Before the code is unmapped. A forked child has no helper to wait for.
    void stop() {
        if (!started || process != getpid()) return;
        while (!move(LANE_IDLE, LANE_STOPPED) && !move(LANE_POSTED, LANE_STOPPED)) sched_yield();
        wake();
        pthread_join(thread, nullptr);
        started = false;
    }

  private:
    void share(const port_word *words, const port_set &ports) {
        const uint64 total = own.shareable();
        if (total == 0 || !ready() || (alone > 0 && alone-- > 0)) {
            own.work();
            return;
        }
        const long begun = now();
        const long gap = begun - ended;
        spin_ns = gap > SPIN_MOST_NS ? SPIN_LEAST_NS : SPIN_LEAST_NS + 2 * gap;
        const uint64 chunk = CHUNK_TILES * ENGINE::tile_elements;
        job = {words, &ports, total, chunk};
        keep_apart();
        __atomic_store_n(&dealt, 0, __ATOMIC_RELAXED);
        move(LANE_IDLE, LANE_POSTED);  // or it is STOPPED, and all is left to this thread
        if (__atomic_load_n(&asleep, __ATOMIC_SEQ_CST)) wake();
        deal(own);
        own.finish();
        const long dealt_out = now();
        if (!move(LANE_POSTED, LANE_IDLE)) {
            await_helper();
            own.join(other);
            learn(dealt_out - begun, now() - dealt_out);
        }
        ended = now();
    }

    struct task {
        const port_word *words;
        const port_set *ports;
        uint64 total, chunk;
    };

    ENGINE own, other;
    task job;
    alignas(64) uint64 dealt;
    alignas(64) int state;
    int asleep, processor;
    long spin_ns, ended;
    alignas(64) unsigned alone, patience;  // jobs still to be done without the helper; the last such
    bool started, refused;
    pthread_t thread;
    pid_t process;
    cpu_set_t usable;
    int avoided;

    void deal(ENGINE &engine) {
    deal_chunks:
        while (__atomic_load_n(&dealt, __ATOMIC_RELAXED) < job.total) {
            const uint64 start = __atomic_fetch_add(&dealt, job.chunk, __ATOMIC_RELAXED);
            if (start >= job.total) return;
            const uint64 left = job.total - start;
            engine.map_range(start, start + (left < job.chunk ? left : job.chunk));
        }
    }

    bool move(int from, int to) {
        return __atomic_compare_exchange_n(&state, &from, to, false, __ATOMIC_SEQ_CST,
                                           __ATOMIC_SEQ_CST);
    }

    void await_helper() {
        for (unsigned turn = 1;; ++turn) {
            if (__atomic_load_n(&state, __ATOMIC_ACQUIRE) != LANE_WORKING) return;
            __builtin_ia32_pause();
            if (turn % 1024 == 0) sched_yield();
        }
    }

    // The scheduler likes to wake a helper where its waker runs: have it run anywhere else.
    void keep_apart() {
        const int here = sched_getcpu();
        if (here == avoided || here < 0) return;
        cpu_set_t elsewhere = usable;
        CPU_CLR(here, &elsewhere);
        if (CPU_COUNT(&elsewhere) > 0 &&
            pthread_setaffinity_np(thread, sizeof elsewhere, &elsewhere) == 0) {
            avoided = here;
        }
    }

    // What a shared job of `worked` ns, then `waited` ns for the helper's last chunk, teaches.
    void learn(long worked, long waited) {
        const bool harmful = processor == sched_getcpu() || waited > worked / 2 + 10000;
        patience = !harmful ? patience / 2 : patience < 256 ? patience * 2 + 4 : 512;
        alone = harmful ? patience : 0;
    }

    // Whether there is a helper; makes it at the first question.
    bool ready() {
        if (started) return process == getpid();
        if (refused) return false;
        avoided = -1;
        refused = sched_getaffinity(0, sizeof usable, &usable) != 0 || CPU_COUNT(&usable) < 2;
        if (refused) return false;
        // Signals are for the host program's threads.
        sigset_t all, before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        process = getpid();
        started = pthread_create(&thread, nullptr, &lanes::enter, this) == 0;
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
        refused = !started;
        return started;
    }

    static void *enter(void *self) {
        ((lanes *)self)->help();
        return nullptr;
    }

    void help() {
        for (;;) {
            const int seen = watch();
            if (seen == LANE_STOPPED) return;
            if (!move(LANE_POSTED, LANE_WORKING)) continue;
            processor = sched_getcpu();
            if (other.prepare(job.words, *job.ports)) deal(other);
            other.finish();
            move(LANE_WORKING, LANE_IDLE);
        }
    }

    // The state once it is POSTED or STOPPED.
    int watch() {
        const long since = now();
        for (unsigned turn = 0;; ++turn) {
            const int seen = __atomic_load_n(&state, __ATOMIC_ACQUIRE);
            if (seen == LANE_POSTED || seen == LANE_STOPPED) return seen;
            __builtin_ia32_pause();
            if (turn % 64 == 63 && now() - since > spin_ns) break;
        }
        for (;;) {
            __atomic_store_n(&asleep, 1, __ATOMIC_SEQ_CST);
            const int seen = __atomic_load_n(&state, __ATOMIC_SEQ_CST);
            if (seen == LANE_POSTED || seen == LANE_STOPPED) {
                __atomic_store_n(&asleep, 0, __ATOMIC_SEQ_CST);
                return seen;
            }
            syscall(SYS_futex, &asleep, FUTEX_WAIT_PRIVATE, 1, nullptr, nullptr, 0);
        }
    }

    void wake() {
        __atomic_store_n(&asleep, 0, __ATOMIC_SEQ_CST);
        syscall(SYS_futex, &asleep, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
    }

    static long now() {
        timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        return t.tv_sec * 1000000000L + t.tv_nsec;
    }
};

}  // namespace

#endif
