import Foundation

/// Writes one Swift file that holds the text of the OpenCL kernel files named on the command line.
///
/// `#line` keeps the names of the kernel files in the device compiler's messages.
@main
struct KernelGenerator {
  static func main() throws {
    let arguments = CommandLine.arguments
    var swift = "// Generated from kernels/*.cl.\nenum KernelSource {\n"
    for path in arguments.dropFirst(2) {
      let text = try String(contentsOfFile: path, encoding: .utf8)
      let file = URL(fileURLWithPath: path)
      let name = file.deletingPathExtension().lastPathComponent
      guard !text.contains("\"\"\"##"), !text.contains("\\##") else {
        throw UnembeddableKernel(path: path)
      }
      swift += "  static let \(name) = ##\"\"\"\n#line 1 \"\(file.lastPathComponent)\"\n"
      swift += "\(text)\n\"\"\"##\n"
    }
    try (swift + "}\n").write(toFile: arguments[1], atomically: true, encoding: .utf8)
  }
}

struct UnembeddableKernel: Error, CustomStringConvertible {
  let path: String
  var description: String { "\(path): holds a Swift string delimiter (\"\"\"## or \\##)" }
}
