// matmul: products of matrices, batched, operands of any strides.
//
//   p0 ==> READ ==> | panel of A, packed |
//                                          ==> COMPUTE ==> | block of C | ==> WRITE ==> p2
//   p1 ==> READ ==> | panel of B, packed |
//
// One block of C is on chip while all of K passes through: for each stretch of DEPTH, the sums of a
// small tile of C are held in registers and then added to the block, so that a sum of K products is
// the sum of K/DEPTH sums (its error bound is below that of summing in order).
// Operands: A (..., M, K), B (..., K, N), C (..., M, N); leading extents equal, strides 0 where
// broadcast. All of one type. Packing as in Goto & van de Geijn, ACM TOMS 34 (2008) 12.
#include "call.h"
#include "kernel.h"
#include "lanes_of.h"

namespace {

// A tile of C in registers: TILE_ROWS rows of TILE_LANES vectors.
#if defined(__AVX512F__)
static const unsigned TILE_ROWS = 12;
#elif defined(__AVX__)
static const unsigned TILE_ROWS = 6;
#else
static const unsigned TILE_ROWS = 4;
#endif
static const unsigned TILE_LANES = 2;

static const unsigned BLOCK_ROWS = 288;
static const unsigned BLOCK_COLUMNS = 256;
static const unsigned DEPTH = 256;
static const unsigned LINE = BLOCK_ROWS;  // the longest that is packed at a time
static_assert(LINE >= DEPTH && LINE >= BLOCK_COLUMNS, "a line holds what is packed");
static_assert(BLOCK_ROWS % TILE_ROWS == 0, "a block is whole tiles");

// As unsigned, integers wrap.
template <typename T> struct accumulating { typedef T type; };
template <> struct accumulating<int32> { typedef uint32 type; };
template <> struct accumulating<int64> { typedef uint64 type; };

// Two axes of an operand: where it begins in this batch, and its strides.
struct matrix {
    unsigned port;
    int64 first, row, column;
};

template <typename T> class multiplier {
    typedef lanes_of<T> vector;
    static const unsigned TILE_COLUMNS = TILE_LANES * vector::COUNT;
    static_assert(BLOCK_COLUMNS % TILE_COLUMNS == 0, "a block is whole tiles");

  public:
    void run(const matrix &a, const matrix &b, const matrix &c, uint64 m, uint64 k, uint64 n,
             memory &port) {
    columns:
        for (uint64 j = 0; j < n; j += BLOCK_COLUMNS) {
            const unsigned width = least(n - j, BLOCK_COLUMNS);
        rows:
            for (uint64 i = 0; i < m; i += BLOCK_ROWS) {
                const unsigned height = least(m - i, BLOCK_ROWS);
                clear(height);
            depths:
                for (uint64 d = 0; d < k; d += DEPTH) {
                    const unsigned depth = least(k - d, DEPTH);
                    const bool held = packed && packed_j == j && packed_d == d;
                    if (!held) pack_b(b, d, j, depth, width, port);
                    packed = k <= DEPTH;
                    packed_j = j;
                    packed_d = d;
                    pack_a(a, i, d, height, depth, port);
                    multiply(height, width, depth);
                }
                store(c, i, j, height, width, port);
            }
        }
        packed = false;
    }

  private:
    // Tiles of A: TILE_ROWS elements of one column together; tiles of B: TILE_COLUMNS of one row.
    alignas(64) T packed_a[BLOCK_ROWS * DEPTH];
    alignas(64) T packed_b[DEPTH * BLOCK_COLUMNS];
    alignas(64) T block[BLOCK_ROWS * BLOCK_COLUMNS];
    T line[LINE];
    bool packed = false;  // packed_b holds the panel (packed_d, packed_j)
    uint64 packed_j = 0, packed_d = 0;

    static unsigned least(uint64 left, unsigned most) {
        return left < most ? (unsigned)left : most;
    }

    void clear(unsigned height) {
        const unsigned whole = (height + TILE_ROWS - 1) / TILE_ROWS * TILE_ROWS;
    clear_block:
        for (unsigned at = 0; at < whole * BLOCK_COLUMNS; ++at) block[at] = T(0);
    }

    // Along whichever axis lies together in memory. Rows that the last tile lacks are zeros.
    void pack_a(const matrix &a, uint64 i, uint64 d, unsigned height, unsigned depth,
                memory &port) {
        const int64 origin = a.first + (int64)i * a.row + (int64)d * a.column;
        const unsigned whole = (height + TILE_ROWS - 1) / TILE_ROWS * TILE_ROWS;
        if (a.row == 1 && a.column != 1) {
        pack_a_columns:
            for (unsigned p = 0; p < depth; ++p) {
                const T *from = line_of(port, a.port, origin + (int64)p * a.column, 1, height);
                for (unsigned first = 0; first < whole; first += TILE_ROWS) {
                    T *to = packed_a + place_a(first, p, depth);
                    for (unsigned r = 0; r < TILE_ROWS; ++r) {
                        to[r] = first + r < height ? from[first + r] : T(0);
                    }
                }
            }
        } else {
        pack_a_rows:
            for (unsigned r = 0; r < whole; ++r) {
                const T *from =
                    r < height
                        ? line_of(port, a.port, origin + (int64)r * a.row, a.column, depth)
                        : zeros(depth);
                T *to = packed_a + place_a(r, 0, depth);
                for (unsigned p = 0; p < depth; ++p) to[p * TILE_ROWS] = from[p];
            }
        }
    }

    void pack_b(const matrix &b, uint64 d, uint64 j, unsigned depth, unsigned width,
                memory &port) {
        const int64 origin = b.first + (int64)d * b.row + (int64)j * b.column;
        const unsigned whole = (width + TILE_COLUMNS - 1) / TILE_COLUMNS * TILE_COLUMNS;
        if (b.row == 1 && b.column != 1) {
        pack_b_columns:
            for (unsigned q = 0; q < whole; ++q) {
                const T *from =
                    q < width ? line_of(port, b.port, origin + (int64)q * b.column, 1, depth)
                              : zeros(depth);
                T *to = packed_b + place_b(0, q, depth);
                for (unsigned p = 0; p < depth; ++p) to[p * TILE_COLUMNS] = from[p];
            }
        } else {
        pack_b_rows:
            for (unsigned p = 0; p < depth; ++p) {
                const T *from =
                    line_of(port, b.port, origin + (int64)p * b.row, b.column, width);
                for (unsigned first = 0; first < whole; first += TILE_COLUMNS) {
                    T *to = packed_b + first * depth + p * TILE_COLUMNS;
                    for (unsigned q = 0; q < TILE_COLUMNS; ++q) {
                        to[q] = first + q < width ? from[first + q] : T(0);
                    }
                }
            }
        }
    }

    static unsigned place_a(unsigned row, unsigned p, unsigned depth) {
        return row / TILE_ROWS * TILE_ROWS * depth + p * TILE_ROWS + row % TILE_ROWS;
    }
    static unsigned place_b(unsigned p, unsigned column, unsigned depth) {
        return column / TILE_COLUMNS * TILE_COLUMNS * depth + p * TILE_COLUMNS +
               column % TILE_COLUMNS;
    }

    // `n` elements from memory: in place where that is possible, else through `line`.
    const T *line_of(memory &port, unsigned number, int64 first, int64 stride, unsigned n) {
        if (stride == 1) {
            const T *there = port.alias<T>(number, first);
            if (there) return there;
        }
        port.read(number, first, stride, line, n);
        return line;
    }

    const T *zeros(unsigned n) {
    zero_line:
        for (unsigned k = 0; k < n; ++k) line[k] = T(0);
        return line;
    }

    void multiply(unsigned height, unsigned width, unsigned depth) {
    tile_columns:
        for (unsigned q = 0; q < width; q += TILE_COLUMNS) {
        tile_rows:
            for (unsigned r = 0; r < height; r += TILE_ROWS) {
                tile(packed_a + r * depth, packed_b + q * depth, block + r * BLOCK_COLUMNS + q,
                     depth);
            }
        }
    }

    static void tile(const T *a, const T *b, T *c, unsigned depth) {
        vector sums[TILE_ROWS][TILE_LANES];
#pragma GCC unroll 32
        for (unsigned i = 0; i < TILE_ROWS; ++i) {
#pragma HLS unroll
#pragma GCC unroll 4
            for (unsigned j = 0; j < TILE_LANES; ++j) sums[i][j] = vector::zero();
        }
    tile_depth:
#pragma GCC unroll 1
        for (unsigned p = 0; p < depth; ++p) {
#pragma HLS loop_tripcount min=1 max=DEPTH
#pragma HLS pipeline II=1
            vector row[TILE_LANES];
#pragma GCC unroll 4
            for (unsigned j = 0; j < TILE_LANES; ++j) {
                row[j] = vector::get(b + p * TILE_COLUMNS + j * vector::COUNT);
            }
#pragma GCC unroll 32
            for (unsigned i = 0; i < TILE_ROWS; ++i) {
                const T factor = a[p * TILE_ROWS + i];
#pragma GCC unroll 4
                for (unsigned j = 0; j < TILE_LANES; ++j) sums[i][j].add_product(factor, row[j]);
            }
        }
#pragma GCC unroll 32
        for (unsigned i = 0; i < TILE_ROWS; ++i) {
#pragma GCC unroll 4
            for (unsigned j = 0; j < TILE_LANES; ++j) {
                sums[i][j].add_to(c + i * BLOCK_COLUMNS + j * vector::COUNT);
            }
        }
    }

    void store(const matrix &c, uint64 i, uint64 j, unsigned height, unsigned width,
               memory &port) {
        const int64 origin = c.first + (int64)i * c.row + (int64)j * c.column;
    store_rows:
        for (unsigned r = 0; r < height; ++r) {
            port.write(c.port, origin + (int64)r * c.row, c.column, block + r * BLOCK_COLUMNS,
                       width);
        }
    }
};

// All batches of one call.
template <typename T> void multiply_all(const call &c, memory &port) {
    typedef typename accumulating<T>::type A;
    static multiplier<A> the_multiplier;
    const view &left = c.operands[0], &right = c.operands[1], &result = c.operands[2];
    const unsigned rows = result.dimensions - 2, columns = result.dimensions - 1;
    int64 index[CALL_DIMENSIONS] = {0};
    uint64 left_over = 1;
count_batches:
    for (unsigned d = 0; d < rows; ++d) left_over *= (uint64)result.extents[d];
    matrix a = {left.port, left.offset, left.strides[rows], left.strides[columns]};
    matrix b = {right.port, right.offset, right.strides[rows], right.strides[columns]};
    matrix to = {result.port, result.offset, result.strides[rows], result.strides[columns]};
batches:
    while (left_over-- > 0) {
        the_multiplier.run(a, b, to, (uint64)result.extents[rows], (uint64)left.extents[columns],
                           (uint64)result.extents[columns], port);
        unsigned d = rows;
    batch_carry:
        while (d-- > 0) {
            a.first += left.strides[d];
            b.first += right.strides[d];
            to.first += result.strides[d];
            if (++index[d] < result.extents[d]) break;
            a.first -= left.strides[d] * result.extents[d];
            b.first -= right.strides[d] * result.extents[d];
            to.first -= result.strides[d] * result.extents[d];
            index[d] = 0;
        }
    }
}

}  // namespace

extern "C" FPGARRAY_EXPORT void FPGARRAY_KERNEL(matmul)(FPGARRAY_CALL_PARAMETERS) {
#include "call_interface.h"
    static call the_call;
    memory port;
    port.connect(p0, p1, p2, p3);
    if (!decode(the_call, program)) return;
    switch (the_call.operands[2].type) {
    case type_f4: multiply_all<float>(the_call, port); break;
    case type_f8: multiply_all<double>(the_call, port); break;
    case type_i4: multiply_all<int32>(the_call, port); break;
    case type_i8: multiply_all<int64>(the_call, port); break;
    }
}
