mod policy_files;
