import TestSupport
import Testing

/// The seeds of the fuzzer, and every input that once broke a reader of checkpoints.
@Suite struct CorpusTests {
  static let inputs = CorpusInput.all()

  @Test func areThere() {
    #expect(Set(Self.inputs.map(\.reader)) == ["checkpoints", "portfolios"])
  }

  @Test(arguments: inputs) func areResumedOrRefused(input: CorpusInput) throws {
    let check =
      input.reader == "checkpoints" ? CheckpointInput.check : CheckpointInput.checkPortfolio
    try input.withBytes { try check($0, uncounted) }
  }
}
