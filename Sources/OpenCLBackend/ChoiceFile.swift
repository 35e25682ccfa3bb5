/// Measured choices of kernels, kept between processes: one line each, in one file.
struct ChoiceFile: Sendable {
  /// Where the file lies.
  let folder: CacheFolder

  private static let name = "gemv"
  private static let mostBytes = 1 << 18

  /// What was chosen for this key.
  func choice(for key: String) -> ProductKernels? {
    choices().last { $0.key == ChoiceText.plain(key) }?.kernels
  }

  /// Writes the file anew with this choice. Where two processes do so at once, one choice is measured
  /// again some day.
  func remember(_ choice: ProductKernels, for key: String) {
    let key = ChoiceText.plain(key)
    let kept = choices().filter { $0.key != key }.suffix(ChoiceText.most - 1)
    let text = ChoiceText(kept + [ChoiceText.Choice(key: key, kernels: choice)]).text
    folder.write(Array(text.utf8), to: Self.name)
  }

  /// All choices, or none where a single line is damaged.
  private func choices() -> [ChoiceText.Choice] {
    folder.read(Self.name, atMost: Self.mostBytes).flatMap { ChoiceText($0) }?.choices ?? []
  }
}
