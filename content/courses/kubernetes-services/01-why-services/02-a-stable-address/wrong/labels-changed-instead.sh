#@ task mend-the-catalog
#@ says Service `catalog` selects app=catalogue: no pod has that label.
kubectl rollout status deployment/catalog --timeout=60s
kubectl label deployment catalog app=catalogue --overwrite
