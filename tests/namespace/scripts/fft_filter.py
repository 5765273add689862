import numpy as np

rate = 500
time = np.arange(0, 2, 1 / rate)
clean = np.sin(2 * np.pi * 5 * time)
signal = clean + 0.5 * np.sin(2 * np.pi * 120 * time)
spectrum = np.fft.rfft(signal)
frequencies = np.fft.rfftfreq(time.size, d=1 / rate)
spectrum[frequencies > 30] = 0
filtered = np.fft.irfft(spectrum, n=time.size)
window = np.hanning(51)
window /= window.sum()
smooth = np.convolve(signal, window, mode="same")
error = np.sqrt(np.mean((filtered - clean) ** 2))
assert error < 1e-10, error
result = {
    "filtered": filtered,
    "smooth": smooth,
    "power": np.abs(spectrum) ** 2,
    "peak": frequencies[np.argmax(np.abs(spectrum))],
    "shifted": np.fft.fftshift(np.fft.fft(signal[:64])),
}
