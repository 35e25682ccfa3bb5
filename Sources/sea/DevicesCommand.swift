import Arguments
import SparseRecovery

/// `sea devices`: what can run here.
struct DevicesCommand {
  /// What `sea devices` understands.
  static let table = Command(
    name: "devices", summary: "List the processors and OpenCL devices that can be used here",
    description: """
      OpenCL devices are listed in the order of their numbers, GPUs first. The number or a part of \
      the name chooses one in 'sea solve --device'.
      """,
    examples: [Example("What is here", "sea devices")],
    groups: [
      OptionGroup("Output", [Option("json", letter: "j", .flag, help: "Write one JSON object")])
    ])

  private let arguments: ParsedArguments

  init(_ arguments: ParsedArguments) { self.arguments = arguments }

  func run() throws {
    let cpu = CPUBackend().identity
    let devices = OpenCLBackend.devices()
    if arguments.flag("json") {
      return try Console.write(
        json: Listing(cpu: cpu, opencl: devices.enumerated().map(Listing.Device.init)))
    }
    try Console.write("cpu       \(cpu.device), \(cpu.library)\n")
    for (number, device) in devices.enumerated() {
      try Console.write(
        "opencl \(number)  \(device.name) (\(device.kind)), \(device.platform), "
          + "driver \(device.driverVersion)\n          \(device.memory.asBytes) of memory, "
          + "\(device.computeUnits) compute units, "
          + "\(device.supportsDouble ? "single and double" : "single") precision\n")
    }
    if devices.isEmpty {
      try Console.write("opencl    none: no OpenCL driver is installed, or none finds a device\n")
    }
  }
}

/// The devices as JSON.
private struct Listing: Encodable {
  struct Device: Encodable {
    let number: Int
    let name: String
    let kind: String
    let platform: String
    let driver: String
    let memory: Int
    let maximumAllocation: Int
    let computeUnits: Int
    let doublePrecision: Bool

    init(_ numbered: (offset: Int, element: OpenCLDevice)) {
      let device = numbered.element
      number = numbered.offset
      name = device.name
      kind = device.kind.rawValue
      platform = device.platform
      driver = device.driverVersion
      memory = device.memory
      maximumAllocation = device.maximumAllocation
      computeUnits = device.computeUnits
      doublePrecision = device.supportsDouble
    }
  }

  let cpu: EngineIdentity
  let opencl: [Device]
}
