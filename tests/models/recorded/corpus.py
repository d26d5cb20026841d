"""Sound files as they should not be: cut off, mislabelled, empty, endless, of other formats, lists of others.

May import: the standard library, av, numpy.
"""

import io
import struct

import av
import numpy as np
from numpy.typing import NDArray

RATE = 8000
Int16 = NDArray[np.int16]


def hum(seconds: float = 2.0, rate: int = RATE) -> Int16:
    """A tone."""
    at = np.arange(round(seconds * rate)) / rate
    return (np.sin(2 * np.pi * 300 * at) * 8000).astype(np.int16)


def wav(data: bytes, *, code: int = 1, channels: int = 1, rate: int = RATE, bits: int = 16) -> bytes:
    """A WAV file that says this of its data."""
    block = max(1, channels * bits // 8)
    said_rate = min(rate * block, 0xFFFFFFFF)
    head = struct.pack("<HHIIHH", code, channels, rate, said_rate, block & 0xFFFF, bits)
    body = b"WAVEfmt " + struct.pack("<I", len(head)) + head + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def good() -> bytes:
    """One as it should be."""
    return wav(hum().tobytes())


def with_length(length: int) -> bytes:
    """One that says that its data is so long."""
    sound = bytearray(good())
    sound[40:44] = struct.pack("<I", length)
    sound[4:8] = struct.pack("<I", min(0xFFFFFFFF, length + 36))
    return bytes(sound)


def encoded(form: str, codec: str, rate: int = 16000, seconds: float = 2.0) -> bytes:
    """A tone in another format."""
    made = io.BytesIO()
    with av.open(made, "w", format=form) as container:
        stream = container.add_stream(codec, rate=rate, layout="mono")
        assert isinstance(stream, av.AudioStream)
        fits = av.AudioResampler(format=stream.format.name, layout="mono", rate=rate)
        frame = av.AudioFrame.from_ndarray(hum(seconds, rate).reshape(1, -1), "s16", "mono")
        frame.sample_rate = rate
        fifo = av.AudioFifo()
        for each in fits.resample(frame):
            fifo.write(each)
        while (piece := fifo.read(stream.frame_size or 1024, partial=True)) is not None:
            piece.pts = None
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return made.getvalue()


HOSTILE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "empty"),
    "one byte": (b"R", "format"),
    "zeros": (bytes(4096), "format"),
    "noise": (np.random.default_rng(3).bytes(65_536), "format"),
    "a page": (b"<html><body>404</body></html>", "format"),
    "a list of other files": (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "format"),
    "a script for the library": (b"ffconcat version 1.0\nfile /etc/passwd\n", "format"),
    "a film": (b"\x00\x00\x00\x20ftypisom" + bytes(500), "format"),
    "a head alone": (good()[:44], "empty"),
    "half a head": (good()[:20], "broken"),
    "no data": (wav(b""), "empty"),
    "a wrong head": (b"RIFF\xff\xff\xff\xffWAVE" + bytes(1000), "broken"),
    "no rate": (wav(hum().tobytes(), rate=0), "broken"),
    "an impossible rate": (wav(hum().tobytes(), rate=4_000_000_000), "broken"),
    "a thousand channels": (wav(hum().tobytes(), channels=1000), "broken"),
    "an unknown coding": (wav(hum().tobytes(), code=0x7777), "format"),
    "a coding of films": (wav(hum().tobytes(), code=0x0160), "format"),
    "an empty Ogg": (b"OggS" + bytes(60), "broken"),
    "an empty FLAC": (b"fLaC" + bytes(60), "broken"),
    "an MP3 of zeros": (b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + bytes(5000), "broken"),
}
"""Files of which nothing can be made, and the word for each."""
