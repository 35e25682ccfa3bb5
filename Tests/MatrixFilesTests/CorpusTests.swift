import TestSupport
import Testing

/// The seeds of the fuzzer, and every input that once broke a reader.
@Suite struct CorpusTests {
  static let inputs = CorpusInput.all()

  @Test func areThere() {
    #expect(Set(Self.inputs.map(\.reader)) == ["npy", "npz", "mtx", "csv"])
  }

  @Test(arguments: inputs) func areReadOrRefused(input: CorpusInput) throws {
    let reader = try #require(MatrixInput(rawValue: input.reader))
    try input.withBytes { try reader.check($0, uncounted) }
  }
}
