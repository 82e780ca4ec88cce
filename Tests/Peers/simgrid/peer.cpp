// Solves a case of flows between GPUs with SimGrid (tested with 3.32) and prints when each ends.
//
//   peer CASE      where CASE holds the number of GPUs and then, a line each,
//                  source, target, bytes (a whole number) and start in seconds
//
// Links have no latency: SimGrid's CM02 shares a link in inverse proportion to latency even with
// weight-S at 0. Its precision is lowered, since 1e-5 s would hide everything.
#include <simgrid/s4u.hpp>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

namespace sg4 = simgrid::s4u;

struct Flow {
  int source, target;
  uint64_t bytes;
  double start;
};

int main(int argc, char** argv) {
  sg4::Engine engine(&argc, argv);
  sg4::Engine::set_config("network/model:CM02");
  for (const char* option :
       {"network/bandwidth-factor:1", "network/latency-factor:1", "network/TCP-gamma:0",
        "network/weight-S:0", "network/crosstraffic:0", "surf/precision:1e-14",
        "maxmin/precision:1e-9"})
    sg4::Engine::set_config(option);

  std::ifstream file(argv[1]);
  int gpus = 0;
  file >> gpus;
  std::vector<Flow> flows;
  for (Flow flow; file >> flow.source >> flow.target >> flow.bytes >> flow.start;)
    flows.push_back(flow);

  auto* zone = sg4::create_full_zone("cluster");
  std::vector<sg4::Host*> hosts;
  std::vector<sg4::Link*> links;
  const double rates[] = {200e9, 200e9, 50e9, 50e9};
  for (int gpu = 0; gpu < gpus; gpu++) {
    hosts.push_back(zone->create_host("gpu" + std::to_string(gpu), 1e9)->seal());
    for (int port = 0; port < 4; port++) {
      auto name = "link" + std::to_string(gpu) + "." + std::to_string(port);
      links.push_back(zone->create_link(name, rates[port])->set_latency(0)->seal());
    }
  }
  for (int a = 0; a < gpus; a++)
    for (int b = 0; b < gpus; b++) {
      if (a == b) continue;
      int port = a / 8 == b / 8 ? 0 : 2;
      zone->add_route(hosts[a]->get_netpoint(), hosts[b]->get_netpoint(), nullptr, nullptr,
                      {sg4::LinkInRoute(links[4 * a + port]), sg4::LinkInRoute(links[4 * b + port + 1])},
                      false);
    }
  zone->seal();

  std::vector<sg4::CommPtr> comms;
  sg4::Actor::create("starter", hosts[0], [&] {
    for (const Flow& flow : flows) {
      if (flow.start > sg4::Engine::get_clock()) sg4::this_actor::sleep_until(flow.start);
      auto comm = sg4::Comm::sendto_init(hosts[flow.source], hosts[flow.target]);
      comm->set_payload_size(flow.bytes);
      comm->start();
      comms.push_back(comm);
    }
    for (auto& comm : comms) comm->wait();
  });
  engine.run();
  for (auto& comm : comms) std::printf("%.17g\n", comm->get_finish_time());
}
