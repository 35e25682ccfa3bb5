import TestSupport

/// Gives an input to a reader.
///
/// - Throws: ``BrokenPromise``.
typealias Reader = @Sendable (UnsafeRawBufferPointer, MemoryMeter) throws -> Void

/// All readers, by the names of the folders of their seeds.
let readers: [String: Reader] = [
  "npy": { try MatrixInput.npy.check($0, $1) },
  "npz": { try MatrixInput.npz.check($0, $1) },
  "mtx": { try MatrixInput.mtx.check($0, $1) },
  "csv": { try MatrixInput.csv.check($0, $1) },
  "results": { try ResultsInput.check($0, $1, isDrawn: isOneInMany($0)) },
  "traces": { try TraceInput.check($0, $1, isDrawn: isOneInMany($0)) },
  "choices": RememberedInput.check,
  "checkpoints": CheckpointInput.check,
  "portfolios": CheckpointInput.checkPortfolio,
]

/// Whether an input is one in 64, always the same ones: drawing takes far longer than reading.
private func isOneInMany(_ input: UnsafeRawBufferPointer) -> Bool {
  input.reduce(0 as UInt8, &+).isMultiple(of: 64)
}
