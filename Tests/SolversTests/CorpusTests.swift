import TestSupport
import Testing

/// The seeds of the fuzzer, and every input that once broke the reader of checkpoints.
@Suite struct CorpusTests {
  static let inputs = CorpusInput.all()

  @Test func areThere() { #expect(Set(Self.inputs.map(\.reader)) == ["checkpoints"]) }

  @Test(arguments: inputs) func areResumedOrRefused(input: CorpusInput) throws {
    try input.withBytes { try CheckpointInput.check($0, uncounted) }
  }
}
