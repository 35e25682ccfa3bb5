import Testing

@testable import CPUBackend

@Suite struct ProcessorTests {
  private static let avx2: Set<Substring> = ["sse2", "avx", "avx2", "fma"]
  private static let avx512 = avx2.union([
    "avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl",
  ])

  /// OpenBLAS 0.3.21 takes an Intel processor of 2023 for one of 2004.
  @Test func namesTheKernelsThatOpenBLASMissed() {
    #expect(OpenBLAS.missedCore("Prescott", features: Self.avx512) == "SkylakeX")
    #expect(OpenBLAS.missedCore("Prescott", features: Self.avx2) == "Haswell")
    #expect(OpenBLAS.missedCore("Prescott", features: ["sse2"]) == nil)
    #expect(OpenBLAS.missedCore("Haswell", features: Self.avx512) == nil)
    #expect(OpenBLAS.missedCore("SkylakeX", features: Self.avx512) == nil)
  }

  @Test func knowsItsInstructions() {
    #if arch(x86_64)
      #expect(Processor.features.contains("sse2"))
    #endif
    #expect(!Processor.modelName.isEmpty)
  }
}
