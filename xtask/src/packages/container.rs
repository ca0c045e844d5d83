//! Holds the Dockerfile and the Compose file to their rules, and the binary to what the final image has.

use std::process::Command;

use super::dockerfile;
use crate::paths::Places;

fn places() -> Places {
    Places::find().expect("the environment names a cache")
}

fn read(name: &str) -> String {
    let places = places();
    std::fs::read_to_string(places.root.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn the_dockerfile_keeps_the_rules() {
    const KNOWN: [&str; 13] = [
        "FROM",
        "WORKDIR",
        "COPY",
        "RUN",
        "LABEL",
        "ENV",
        "VOLUME",
        "EXPOSE",
        "USER",
        "STOPSIGNAL",
        "HEALTHCHECK",
        "ENTRYPOINT",
        "CMD",
    ];
    let all = dockerfile::instructions(&places()).expect("a Dockerfile");
    assert!(all.iter().all(|instruction| KNOWN.contains(&instruction.word.as_str())), "{all:?}");
    let of = |among: &[dockerfile::Instruction], word: &str| {
        let found = among.iter().filter(|instruction| instruction.word == word);
        found.map(|instruction| instruction.rest.clone()).collect::<Vec<_>>()
    };
    let stages = of(&all, "FROM");
    assert!(stages.len() == 2 && stages.iter().all(|image| image.contains(':') && !image.contains("latest")));
    let of = |word: &str| of(dockerfile::last_stage(&all), word);
    assert!(of("RUN").is_empty(), "the final image has no shell");
    assert!(of("COPY").iter().all(|copy| copy.starts_with("--from=build ")), "only what was built");
    let user = of("USER");
    assert!(user.len() == 1 && user[0].split(':').all(|id| id.parse::<u32>().is_ok_and(|id| id > 0)), "{user:?}");
    for word in ["ENTRYPOINT", "CMD"] {
        assert!(of(word).len() == 1 && of(word)[0].starts_with('['), "{word} in the form without a shell");
    }
    assert!(of("HEALTHCHECK")[0].contains("CMD [\"/usr/bin/herenow\", \"health\"]"));
    assert!(of("VOLUME")[0].contains("/var/lib/herenow") && of("STOPSIGNAL") == ["SIGTERM"]);
}

#[test]
fn the_image_is_built_with_the_compiler_that_the_manifest_names() {
    let manifest = read("Cargo.toml");
    let version = manifest.lines().find_map(|line| line.strip_prefix("rust-version = \"")?.strip_suffix('"'));
    let image = format!("rust:{}-bookworm", version.expect("a version"));
    let all = dockerfile::instructions(&places()).expect("a Dockerfile");
    assert!(all[0].rest.starts_with(&image), "FROM {image}");
}

/// The final image has the C library, libgcc and little else.
#[test]
fn the_binary_needs_no_library_that_the_final_image_lacks() {
    const PROVIDED: [&str; 5] = ["linux-vdso", "libgcc_s", "libm.so", "libc.so", "ld-linux"];
    let places = places();
    let built = ["release", "debug"].map(|profile| places.target.join(profile).join("herenow"));
    let Some(binary) = built.into_iter().find(|binary| binary.is_file()) else { return };
    let listed = Command::new("ldd").arg(binary).output().expect("ldd is part of the C library");
    let text = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(text.contains("libc.so"), "{text}");
    for line in text.lines() {
        assert!(PROVIDED.iter().any(|name| line.contains(name)), "{line}");
    }
}

#[test]
fn the_compose_file_runs_the_dockerfile_behind_a_closed_door() {
    let text = read("deploy/docker/compose.yaml");
    for line in [
        "      dockerfile: deploy/docker/Dockerfile",
        "    read_only: true",
        "      - data:/var/lib/herenow",
        "      - no-new-privileges:true",
        "      - \"127.0.0.1:8080:8080\"",
        "  data: {}",
    ] {
        assert!(text.lines().any(|other| other == line), "{line}");
    }
    assert!(!text.contains('\t'), "YAML is indented with spaces");
}
