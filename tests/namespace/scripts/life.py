import numpy as np

board = np.zeros((32, 32), dtype=np.uint8)
glider = np.array([[0, 1, 0], [0, 0, 1], [1, 1, 1]], dtype=np.uint8)
board[1:4, 1:4] = glider
board[20, 10:13] = 1
for _ in range(24):
    neighbours = sum(
        np.roll(np.roll(board, i, axis=0), j, axis=1)
        for i in (-1, 0, 1)
        for j in (-1, 0, 1)
        if (i, j) != (0, 0)
    )
    board = ((neighbours == 3) | ((board == 1) & (neighbours == 2))).astype(np.uint8)
rows, columns = np.nonzero(board)
text = np.array2string(board[:10, :10])
result = {"board": board, "rows": rows, "columns": columns, "alive": np.count_nonzero(board)}
