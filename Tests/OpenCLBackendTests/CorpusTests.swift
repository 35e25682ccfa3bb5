import TestSupport
import Testing

/// The seeds of the fuzzer, and every input that once broke the reader of choices.
@Suite struct CorpusTests {
  static let inputs = CorpusInput.all()

  @Test func areThere() { #expect(Set(Self.inputs.map(\.reader)) == ["choices"]) }

  @Test(arguments: inputs) func areReadOrRefused(input: CorpusInput) throws {
    try input.withBytes { try RememberedInput.check($0, uncounted) }
  }
}
