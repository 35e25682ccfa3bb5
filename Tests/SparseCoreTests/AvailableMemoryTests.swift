import Testing

@testable import SparseCore

/// What is left of the memory of a machine and of the groups that a process is in.
@Suite struct AvailableMemoryTests {
  @Test func theMachineSaysWhatItHas() {
    let memory =
      "MemTotal:       24683656 kB\nMemFree:   9 kB\nMemAvailable:   1000 kB\nBuffers: 1 kB\n"
    #expect(AvailableMemory.machine(memory) == 1_024_000)
    // Without a word of it, what is built in.
    #expect(AvailableMemory.machine("MemAvailable:") > 1 << 20)
    #expect(AvailableMemory.machine("") > 1 << 20)
    #expect((1 << 20..<1 << 50).contains(AvailableMemory.bytes))
  }

  @Test func groupsAreThoseOfBothVersionsFromTheInnermostOut() {
    let unified = AvailableMemory.groups(of: "0::/user/job\n")
    #expect(
      unified.map(\.folder) == [
        "/sys/fs/cgroup/user/job", "/sys/fs/cgroup/user", "/sys/fs/cgroup",
      ])
    #expect(unified.allSatisfy { $0.limit == "memory.max" && $0.usage == "memory.current" })
    let old = AvailableMemory.groups(
      of: "12:cpu,memory:/docker/ab:c\n3:pids:/x\n1:name=systemd:/\n")
    #expect(
      old.map(\.folder) == [
        "/sys/fs/cgroup/memory/docker/ab:c", "/sys/fs/cgroup/memory/docker",
        "/sys/fs/cgroup/memory",
      ])
    #expect(old.allSatisfy { $0.limit == "memory.limit_in_bytes" })
    #expect(
      AvailableMemory.groups(of: "").isEmpty && AvailableMemory.groups(of: "no lines").isEmpty)
  }

  @Test(arguments: [
    ("max\n", "4096\n", "", Int.max), ("", "", "", .max), ("8192\n", "", "", 8192),
    ("8192\n", "4096\n", "", 4096), ("8192\n", "9000\n", "", 0),
    ("8192\n", "4096\n", "anon 1\ninactive_file 1000\nactive_file 5\n", 5096),
    ("8192\n", "4096\n", "inactive_file 5\ntotal_inactive_file 1000\n", 5096),
    ("8192\n", "4096\n", "inactive_file 5000\n", 8192),
  ])
  func aGroupHasWhatItsLimitLeaves(limit: String, usage: String, statistics: String, left: Int) {
    let group = AvailableMemory.Group(folder: "/g", limit: "most", usage: "now")
    let files = ["/g/most": limit, "/g/now": usage, "/g/memory.stat": statistics]
    #expect(AvailableMemory.left(in: group) { files[$0] ?? "" } == left)
  }
}
