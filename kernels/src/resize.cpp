// resize: images to another size, bilinear or by area, 1 to 4 channels.
//
//   p0 ==> READ ==> | rows | ==> BLEND rows ==> | one row | ==> BLEND columns ==> | row | ==> WRITE ==> p1
//
// numbers: method (0 bilinear, 1 area). Operands: image and result (H, W, C) of one type. uint8 is
// computed in f4 and rounded to the nearest, ties to even.
// bilinear: output pixel i samples at (i + 1/2) size / new_size - 1/2, clamped to the image (what
// OpenCV calls INTER_LINEAR). area: the mean over [i, i + 1) size / new_size, pixels that lie partly
// inside weighing their part (INTER_AREA). Weights are computed in f8 and rounded to the type
// computed in; the order of operations is functions/images.py's, bit by bit.
#include "call.h"
#include "kernel.h"

namespace {

static const unsigned ROW = FPGARRAY_RESIZE_ROW;

// Where an output position takes its values: `count` positions from `from`.
struct taps {
    int64 from;
    unsigned count;
    double first, middle, last;  // weights of the first, of those between, of the last
};

inline double floor_of(double x) {
    const double whole = (double)(int64)x;
    return whole > x ? whole - 1.0 : whole;
}

inline taps bilinear_taps(int64 i, int64 size, int64 new_size) {
    const double at = ((double)i + 0.5) * ((double)size / (double)new_size) - 0.5;
    const double floor = floor_of(at);
    taps t = {(int64)floor, 2, 0.0, 0.0, at - floor};
    if (floor < 0.0 || floor >= (double)(size - 1)) {
        t.from = floor < 0.0 ? 0 : size - 1;
        t.last = 0.0;
    }
    if (t.last == 0.0) t.count = 1;
    return t;
}

inline taps area_taps(int64 i, int64 size, int64 new_size) {
    const double scale = (double)size / (double)new_size;
    const double begin = (double)i * scale;
    const double stop = (double)(i + 1) * scale;
    const double end = stop < (double)size ? stop : (double)size;
    const int64 from = (int64)begin;
    int64 to = (int64)end;
    if ((double)to < end) ++to;
    const double inside = (double)(from + 1) < end ? (double)(from + 1) : end;
    taps t = {from, (unsigned)(to - from), (inside - begin) / scale, 1.0 / scale,
              (end - (double)(to - 1)) / scale};
    if (t.count == 1) t.first = 1.0;
    return t;
}

// What an element is computed in, and back.
template <typename M> struct working {
    typedef M type;
    static M back(M value) { return value; }
};
template <> struct working<uint8> {
    typedef float type;
    static uint8 back(float value) {
        // Adding 1.5 * 2^23 rounds to the nearest integer, ties to even.
        return (uint8)(int32)((value + 0x1.8p23f) - 0x1.8p23f);
    }
};

template <typename M> class resizer {
    typedef typename working<M>::type T;

  public:
    void run(const view &image, const view &result, bool area, memory &port) {
        const unsigned channels = (unsigned)image.extents[2];
        const unsigned width = (unsigned)(image.extents[1] * channels);
        const unsigned new_width = (unsigned)(result.extents[1] * channels);
        if (width > ROW || new_width > ROW) return;
        plan_columns(image.extents[1], result.extents[1], channels, area);
    rows:
        for (int64 y = 0; y < result.extents[0]; ++y) {
            const taps t = area ? area_taps(y, image.extents[0], result.extents[0])
                                : bilinear_taps(y, image.extents[0], result.extents[0]);
            if (area) {
                sum_rows(t, image, width, channels, port);
                sum_columns(new_width, channels);
            } else {
                blend_rows(t, image, width, channels, port);
                blend_columns(new_width, channels);
            }
            store(result, y, new_width, channels, port);
        }
    }

  private:
    alignas(64) M upper_line[ROW], lower_line[ROW];
    alignas(64) T row[ROW + 8];
    alignas(64) T sums[ROW];
    alignas(64) M finished[ROW];
    alignas(64) int32 column_from[ROW], column_count[ROW];
    alignas(64) T column_first[ROW], column_last[ROW];
    T column_middle = T(0);
    int32 most_columns = 0;

    void plan_columns(int64 size, int64 new_size, unsigned channels, bool area) {
        most_columns = 0;
    plan:
        for (int64 x = 0; x < new_size; ++x) {
            const taps t =
                area ? area_taps(x, size, new_size) : bilinear_taps(x, size, new_size);
            if ((int32)t.count > most_columns) most_columns = (int32)t.count;
            column_middle = (T)t.middle;
        plan_channels:
            for (unsigned c = 0; c < channels; ++c) {
                const unsigned at = (unsigned)x * channels + c;
                column_from[at] = (int32)((unsigned)t.from * channels + c);
                column_count[at] = (int32)t.count;
                column_first[at] = (T)t.first;
                column_last[at] = (T)t.last;
            }
        }
    }

    // One row of the image, channels together.
    const M *line_of(const view &image, int64 y, M *own, unsigned width, unsigned channels,
                     memory &port) {
        const int64 first = image.offset + y * image.strides[0];
        const bool together = image.strides[2] == 1 || channels == 1;
        if (together && image.strides[1] == (int64)channels) {
            const M *there = port.alias<M>(image.port, first);
            if (there) return there;
            port.read(image.port, first, 1, own, width);
            return own;
        }
        M *spread = finished;  // free until a row is stored
    line_channels:
        for (unsigned c = 0; c < channels; ++c) {
            const unsigned n = width / channels;
            port.read(image.port, first + (int64)c * image.strides[2], image.strides[1], spread,
                      n);
            for (unsigned x = 0; x < n; ++x) own[x * channels + c] = spread[x];
        }
        return own;
    }

    void blend_rows(const taps &t, const view &image, unsigned width, unsigned channels,
                    memory &port) {
        const M *upper = line_of(image, t.from, upper_line, width, channels, port);
        if (t.count == 1) {
        single_row:
            for (unsigned k = 0; k < width; ++k) row[k] = (T)upper[k];
            return;
        }
        const M *lower = line_of(image, t.from + 1, lower_line, width, channels, port);
        const T weight = (T)t.last, rest = T(1) - weight;
    blended_row:
        for (unsigned k = 0; k < width; ++k) {
#pragma HLS loop_tripcount min=1 max=ROW
#pragma HLS pipeline II=1
            row[k] = (T)upper[k] * rest + (T)lower[k] * weight;
        }
    }

    void blend_columns(unsigned new_width, unsigned channels) {
    blended_columns:
        for (unsigned k = 0; k < new_width; ++k) {
#pragma HLS loop_tripcount min=1 max=ROW
#pragma HLS pipeline II=1
            const T left = row[column_from[k]];
            const T right = row[column_from[k] + (int32)channels];  // the row is longer than that
            const T weight = column_last[k];
            const T blended = left * (T(1) - weight) + right * weight;
            finished[k] = working<M>::back(column_count[k] == 1 ? left : blended);
        }
    }

    void sum_rows(const taps &t, const view &image, unsigned width, unsigned channels,
                  memory &port) {
    summed_rows:
        for (unsigned r = 0; r < t.count; ++r) {
            const double exact = r == 0 ? t.first : r + 1 == t.count ? t.last : t.middle;
            const T weight = (T)exact;
            const M *line = line_of(image, t.from + r, upper_line, width, channels, port);
            if (r == 0) {
            first_row:
                for (unsigned k = 0; k < width; ++k) row[k] = (T)line[k] * weight;
            } else {
            next_row:
                for (unsigned k = 0; k < width; ++k) row[k] += (T)line[k] * weight;
            }
        }
    }

    void sum_columns(unsigned new_width, unsigned channels) {
    first_column:
        for (unsigned k = 0; k < new_width; ++k) sums[k] = row[column_from[k]] * column_first[k];
    next_columns:
        for (int32 j = 1; j < most_columns; ++j) {
#pragma HLS loop_tripcount min=0 max=64
        column:
            for (unsigned k = 0; k < new_width; ++k) {
                const bool inside = j < column_count[k];
                const T weight = j + 1 == column_count[k] ? column_last[k] : column_middle;
                const T value = row[inside ? column_from[k] + j * (int32)channels : 0];
                sums[k] = inside ? sums[k] + value * weight : sums[k];
            }
        }
    summed:
        for (unsigned k = 0; k < new_width; ++k) finished[k] = working<M>::back(sums[k]);
    }

    void store(const view &result, int64 y, unsigned new_width, unsigned channels, memory &port) {
        const int64 first = result.offset + y * result.strides[0];
        if ((result.strides[2] == 1 || channels == 1) && result.strides[1] == (int64)channels) {
            port.write(result.port, first, 1, finished, new_width);
            return;
        }
        const unsigned n = new_width / channels;
    store_channels:
        for (unsigned c = 0; c < channels; ++c) {
            for (unsigned x = 0; x < n; ++x) upper_line[x] = finished[x * channels + c];
            port.write(result.port, first + (int64)c * result.strides[2], result.strides[1],
                       upper_line, n);
        }
    }
};

template <typename M> void resize_image(const call &c, memory &port) {
    static resizer<M> the_resizer;
    the_resizer.run(c.operands[0], c.operands[1], c.numbers[0] != 0, port);
}

}  // namespace

extern "C" FPGARRAY_EXPORT void FPGARRAY_KERNEL(resize)(FPGARRAY_CALL_PARAMETERS) {
#include "call_interface.h"
    static call the_call;
    memory port;
    port.connect(p0, p1, p2, p3);
    if (!decode(the_call, program)) return;
    switch (the_call.operands[0].type) {
    case type_f4: resize_image<float>(the_call, port); break;
    case type_f8: resize_image<double>(the_call, port); break;
    case type_u1: resize_image<uint8>(the_call, port); break;
    }
}
