import Benchmarking
import SparseRecovery
import Testing

@Suite struct TableTests {
  @Test func tableOfARunWithAllTimesEqual() throws {
    var options = BenchmarkOptions.tiny
    options.precisions = [.double]
    let report = try Benchmark(options).run(on: [.cpu()]).normalized
    #expect(report.table(width: 72, explained: false) == tables)
    #expect(report.table(width: 72).hasPrefix(tables + "\nfirst call: with compilation"))
  }

  @Test(arguments: [40, 72, 120]) func proseKeepsToTheWidth(width: Int) throws {
    let report = try Benchmark(.tiny).run(on: []).normalized
    for line in report.table(width: width).split(separator: "\n") { #expect(line.count <= width) }
  }
}

private let tables = """
  Processor, 4 cores; BLAS
  20 × 50, k = 3, 20.00 dB, seed 0
  host memory, 4 threads on 64.0 KiB: read 1.000 GB/s, copy 1.000 GB/s

  cpu, double precision, on a cpu: Device (Library)
  operation   first call   median  minimum      GB/s  of ceiling   GFLOP/s  error
  load           1.000 s  1.000 s  1.000 s         –           –         –      –
  launch         1.000 s  1.000 s  1.000 s         –           –         –      –
  read           1.000 s  1.000 s  1.000 s         –           –         –      –
  write          1.000 s  1.000 s  1.000 s  1.600e-7           –         –      –
  stream         1.000 s  1.000 s  1.000 s  9.830e-5      9.8e-5  8.192e-6      –
  gemv           1.000 s  1.000 s  1.000 s  8.560e-6      8.6e-6  2.000e-6      –
  gemv-t         1.000 s  1.000 s  1.000 s  8.560e-6      8.6e-6  2.000e-6      0
  gemv-t × 8     1.000 s  1.000 s  1.000 s  1.248e-5      1.2e-5  1.600e-5      0
  top-k          1.000 s  1.000 s  1.000 s  4.000e-7      4.0e-7         –      –
  solve          1.000 s  1.000 s  1.000 s  5.600e-5      5.6e-5         –      –

  solve       iterations     each  passes  residual  agreement
  cpu double          12  1.000 s       7   0.09037       1.00

  """
