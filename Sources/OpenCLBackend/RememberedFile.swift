/// What was measured for some keys, kept between processes: one line each, in one file.
struct RememberedFile<Value: RememberedValue>: Sendable {
  /// Where the file lies.
  let folder: CacheFolder

  private static var mostBytes: Int { 1 << 18 }
  private static var name: String { String(Value.title.prefix { $0 != " " }) }

  /// What was remembered for this key.
  func value(for key: String) -> Value? {
    lines().last { $0.key == RememberedText<Value>.plain(key) }?.value
  }

  /// Writes the file again with this value. Where two processes do so at once, one value is measured
  /// again some day.
  func remember(_ value: Value, for key: String) {
    let key = RememberedText<Value>.plain(key)
    let kept = lines().filter { $0.key != key }.suffix(RememberedText<Value>.most - 1)
    let text = RememberedText(kept + [RememberedText.Line(key: key, value: value)]).text
    folder.write(Array(text.utf8), to: Self.name)
  }

  /// All lines, or none where a single one is damaged.
  private func lines() -> [RememberedText<Value>.Line] {
    folder.read(Self.name, atMost: Self.mostBytes).flatMap { RememberedText($0) }?.lines ?? []
  }
}
