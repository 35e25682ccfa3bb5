import TestSupport
import Testing

/// The seeds of the fuzzer, and every input that once broke a reader.
@Suite struct CorpusTests {
  static let inputs = CorpusInput.all()

  @Test func areThere() { #expect(Set(Self.inputs.map(\.reader)) == ["results", "traces"]) }

  @Test(arguments: inputs) func areReadOrRefused(input: CorpusInput) throws {
    try input.withBytes {
      switch input.reader {
      case "results": try ResultsInput.check($0, uncounted, isDrawn: true)
      default: try TraceInput.check($0, uncounted, isDrawn: true)
      }
    }
  }
}
