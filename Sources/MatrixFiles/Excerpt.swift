/// The beginning of `bytes` in quotes for a message: at most `limit` of them, unprintable
/// ones as \xNN.
func excerpt(_ bytes: some Collection<UInt8>, limit: Int = 24) -> String {
  let text = bytes.prefix(limit).map { byte in
    switch byte {
    case 0x20..<0x7F: String(UnicodeScalar(byte))
    default: "\\x" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16)
    }
  }
  return "\"" + text.joined() + (bytes.count > limit ? "…" : "") + "\""
}
