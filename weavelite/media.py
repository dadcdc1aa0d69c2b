"""Media types: told from the first bytes of content or from a file's extension, and back."""

OCTETS = "application/octet-stream"
TEXT = "text/plain"

_STARTS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"\x93NUMPY", "application/x-npy"),
)
_RIFF = {b"WAVE": "audio/wav", b"WEBP": "image/webp", b"AVI ": "video/x-msvideo"}
_BRANDS = {
    b"avif": "image/avif",
    b"heic": "image/heic",
    b"M4A ": "audio/mp4",
    b"qt  ": "video/quicktime",
}
_EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/avif": "avif",
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/flac": "flac",
    "audio/ogg": "ogg",
    "text/markdown": "md",
    TEXT: "txt",
    OCTETS: "bin",
}
_TYPES = {"mp3": "audio/mpeg", "wav": "audio/wav", "md": "text/markdown", "webp": "image/webp"}
_SAMPLE = 4096


def sniff(data: bytes | bytearray | memoryview) -> str:
    """Tells the media type of content from its bytes: known formats, text, else unknown bytes."""
    head = bytes(data[:16])
    if head[:4] == b"RIFF" and head[8:12] in _RIFF:
        return _RIFF[head[8:12]]
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    for start, mimetype in _STARTS:
        if head.startswith(start):
            return mimetype
    return TEXT if _is_text(bytes(data[:_SAMPLE])) else OCTETS


def _is_text(sample: bytes) -> bool:
    if b"\0" in sample:
        return False
    try:
        sample.decode()
    except UnicodeDecodeError as error:  # the sample may end inside a character
        return len(sample) == _SAMPLE and error.start >= _SAMPLE - 3
    return True


def type_of_extension(extension: str | None) -> str | None:
    """Finds the media type of a file's extension, with or without its dot."""
    if not extension:
        return None
    import mimetypes  # reads the machine's lists when first used

    name = extension.lower().removeprefix(".")
    return _TYPES.get(name) or mimetypes.guess_type(f"x.{name}", strict=False)[0]


def extension_of(mimetype: str) -> str:
    """Finds the extension of a media type, without a dot; `bin` for what is not known."""
    import mimetypes

    known = _EXTENSIONS.get(mimetype)
    return known or (mimetypes.guess_extension(mimetype) or ".bin").removeprefix(".")
