import SparseCore
import SparseRecoveryTesting
import SyntheticProblems
import TestSupport
import Testing

@testable import OpenCLBackend

extension OnDevice {
  /// Finding devices and telling what went wrong on them.
  @Suite struct Devices {
    let devices = OpenCLBackend.devices()

    @Test func areListedWithTheirFacts() throws {
      for device in devices {
        #expect(!device.name.isEmpty && !device.platform.isEmpty && !device.driverVersion.isEmpty)
        #expect(device.computeUnits > 0)
        #expect(device.maximumAllocation > 0 && device.maximumAllocation <= device.memory)
      }
      let ranks = devices.compactMap { OpenCLDevice.Kind.allCases.firstIndex(of: $0.kind) }
      #expect(ranks == ranks.sorted())
    }

    @Test func areChosenByNumberAndByPartOfTheName() throws {
      let last = try #require(devices.last)
      let first = try #require(devices.first)
      #expect(try OpenCLBackend(device: "\(devices.count - 1)").device.handle == last.handle)
      let part = String(first.name.uppercased().dropFirst().dropLast())
      #expect(try OpenCLBackend(device: part).device.handle == first.handle)
      #expect(
        try OpenCLBackend(device: first.platform.lowercased()).device.platform == first.platform)
    }

    @Test func areChosenByPrecisionWhenNotNamed() throws {
      for precision in Precision.allCases where devices.contains(where: { $0.supports(precision) })
      {
        #expect(try OpenCLBackend(precision: precision).device.supports(precision))
      }
    }

    @Test(arguments: ["no such thing", "", "-1", "99999999"])
    func areNamedWhenNoneMatches(wanted: String) throws {
      #expect(
        throws: RecoveryError.noSuchDevice(wanted: wanted, found: devices.map(\.name))
      ) { try OpenCLBackend(device: wanted) }
    }

    @Test func tellTheCodeByItsName() throws {
      let device = try #require(devices.first)
      #expect(
        throws: RecoveryError.deviceFailure(
          device: device.name, call: "clFinish", code: -5, detail: "CL_OUT_OF_RESOURCES")
      ) { try device.check("clFinish", -5) }
    }

    @Test func tellWhatTheCompilerSaid() throws {
      let backend = try OpenCLBackend()
      let error = #expect(throws: RecoveryError.self) {
        try Program(
          backend.programs.context,
          Program.Options(
            text: "-cl-std=CL1.2", source: "__kernel void broken() { undeclaredName = 1; }"))
      }
      guard case .deviceFailure(backend.device.name, "clBuildProgram", _, let log) = error else {
        Issue.record("expected a failure to build, found \(String(describing: error))")
        return
      }
      #expect(log.contains("undeclaredName"))
    }

    @Test(arguments: [(ProductKernels.native, "native kernels"), (.clblast, "CLBlast")])
    func sayWhoTheyAre(kernels: ProductKernels, library: String) throws {
      let backend = try OpenCLBackend(kernels: kernels)
      let driver = backend.device.driverVersion
      #expect(
        backend.identity
          == EngineIdentity(
            name: "opencl", device: backend.device.name, library: "\(library), driver \(driver)"))
      #expect(try backend.load(Self.atoms(), precision: .single).identity == backend.identity)
    }

    /// The choice is one of the two, and stays the same for the process.
    @Test func measureWhichKernelsAreFaster() throws {
      let backend = try OpenCLBackend()
      #expect(backend.identity.library.hasPrefix("native kernels or CLBlast"))
      let candidates = try [ProductKernels.native, .clblast].map {
        try OpenCLBackend(kernels: $0).identity
      }
      let chosen = try (0..<3).map { _ in
        try backend.load(Self.atoms(), precision: .single).identity
      }
      #expect(candidates.contains(chosen[0]))
      #expect(Set(chosen.map(\.library)).count == 1)
    }

    private static func atoms() throws -> Atoms {
      var generator = SeededGenerator(seed: 9)
      return try Atoms(DenseMatrix.double(generator.matrix(100, 1000)))
    }
  }
}

/// Choosing among no devices, which needs none.
@Test func noDeviceIsAnErrorOnlyWhenOneIsWanted() {
  #expect(throws: RecoveryError.noSuchDevice(wanted: "auto", found: [])) {
    try OpenCLDevice.choose(nil, precision: .double, from: [])
  }
}
